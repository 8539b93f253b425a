//! The attribute head: reads attributes off a photo with what S knows about it.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::{relu, softmax};

use super::init::Init;
use super::layers::Linear;
use super::segmentor::SegmentorConfig;

/// Hidden units.
const HIDDEN: usize = 64;
/// Guards the mean over a label that covers nothing.
const EMPTY: f32 = 1e-3;

/// S's features and the picture's colours, averaged over each label's own region, then two fully connected layers.
/// Pooling by label is what lets «blond hair» look at the hair.
#[derive(Module, Debug)]
pub struct AttributeHead {
    hidden: Linear,
    out: Linear,
}

impl AttributeHead {
    /// A head on `segmentor` for `n_attributes` (at least one).
    pub fn new(segmentor: &SegmentorConfig, n_attributes: usize, init: &mut Init) -> Self {
        let inputs = segmentor.n_labels * (segmentor.feature_channels() + 3);
        Self { hidden: Linear::new(inputs, HIDDEN, init), out: Linear::new(HIDDEN, n_attributes, init) }
    }

    /// Picture `[b, 3, h, w]`, S's features `[b, f, h/4, w/4]` and label logits `[b, n_s, h, w]` of it → attribute
    /// logits `[b, n_c]`. Pass tensors without autodiff: the head learns beside S and never shapes it.
    pub fn forward(&self, picture: Tensor<4>, features: Tensor<4>, label_logits: Tensor<4>) -> Tensor<2> {
        let regions = average_4x4(softmax(label_logits, 1));
        let evidence = Tensor::cat(vec![features, average_4x4(picture)], 1);
        let [batch, channels, height, width] = evidence.dims();
        let labels = regions.dims()[1];
        let regions = regions.reshape([batch, labels, height * width]);
        let area = regions.clone().mean_dim(2) + EMPTY;
        let evidence = evidence.reshape([batch, channels, height * width]).swap_dims(1, 2);
        let pooled = regions.matmul(evidence) / (height * width) as f32 / area;
        self.out.forward(relu(self.hidden.forward(pooled.reshape([batch, labels * channels]))))
    }
}

/// Mean of 4×4 boxes, `[b, c, h, w] → [b, c, h/4, w/4]`.
fn average_4x4(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let x = x.reshape([batch * channels, height / 4, 4, width / 4, 4]);
    x.mean_dim(4).mean_dim(2).reshape([batch, channels, height / 4, width / 4])
}

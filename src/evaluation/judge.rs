//! Who reads the pictures: a segmentor and an attribute head, the model's own or another's.

use burn::tensor::{Int, Tensor};

use crate::model::parameters::{ParameterError, to_host};
use crate::model::{AttributeHead, Model, Segmentor};
use crate::taxonomy::{LabelId, Taxonomy};

/// S and the attribute head of a model.
#[derive(Clone, Debug)]
pub struct Judge {
    /// The model's name.
    pub name: String,
    /// The model's hash.
    pub hash: String,
    taxonomy: Taxonomy,
    segmentor: Segmentor,
    head: Option<AttributeHead>,
}

/// What a judge reads off pictures.
#[derive(Clone, Debug)]
pub struct Reading {
    /// `[b, R, R]`.
    pub labels: Vec<LabelId>,
    /// Attribute logits `[b, n_c]`, where the judge knows the attributes.
    pub attribute_logits: Option<Vec<f32>>,
    /// `[b, n]`, for distances: mean and standard deviation over the picture of each of S's features, and of red, green and
    /// blue. S normalises all it sees, so without the colours a pale picture would be as good as any.
    pub features: Vec<f32>,
}

impl Judge {
    /// The judge that a model carries; none if it has no segmentor.
    pub fn of(model: &Model) -> Option<Self> {
        Some(Self {
            name: model.card.name.clone(),
            hash: model.card.hash.clone(),
            taxonomy: model.card.taxonomy.clone(),
            segmentor: model.segmentor.clone()?,
            head: model.head.clone(),
        })
    }

    /// Whether it reads the labels of a taxonomy.
    pub fn knows_labels_of(&self, taxonomy: &Taxonomy) -> bool {
        self.taxonomy.has_labels_of(taxonomy)
    }

    /// Whether it reads the attributes of a taxonomy.
    pub fn knows_attributes_of(&self, taxonomy: &Taxonomy) -> bool {
        self.head.is_some() && self.taxonomy.has_channels_of(taxonomy)
    }

    /// Names of the labels it reads.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.taxonomy.labels.iter().map(|label| label.name.as_str())
    }

    /// Reads pictures `[b, 3, R, R]` in [−1, 1], R a multiple of four.
    ///
    /// # Errors
    /// The device did not deliver.
    pub fn read(&self, pictures: Tensor<4>) -> Result<Reading, ParameterError> {
        let features = self.segmentor.features(pictures.clone());
        let logits = self.segmentor.logits(features.clone());
        let ids: Tensor<4, Int> = logits.clone().argmax(1);
        let device = |reason: String| ParameterError::Device { name: "labels".to_owned(), reason };
        let data = ids.try_into_data().map_err(|error| device(error.to_string()))?;
        let ids = data.convert::<i32>().try_into_vec::<i32>().map_err(|error| device(format!("{error:?}")))?;
        let head = self.head.as_ref().map(|head| head.forward(pictures.clone(), features.clone(), logits));
        let pooled = Tensor::cat(vec![mean_and_deviation(features), mean_and_deviation(pictures)], 1);
        Ok(Reading {
            labels: ids.into_iter().map(|id| id as LabelId).collect(),
            attribute_logits: head.map(|logits| Ok(to_host(logits, "attributes")?.values)).transpose()?,
            features: to_host(pooled, "features")?.values,
        })
    }
}

/// `[b, c, h, w] → [b, 2c]`.
fn mean_and_deviation(x: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = x.dims();
    let x = x.reshape([batch, channels, height * width]);
    let mean = x.clone().mean_dim(2);
    let deviation = (x - mean.clone()).powi_scalar(2).mean_dim(2).sqrt();
    Tensor::cat(vec![mean, deviation], 1).reshape([batch, 2 * channels])
}

//! Which convolution: what enters, what leaves.

/// The map from input to output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A convolution, weight `[o, i, k, k]`.
    Forward,
    /// The transposed map of a convolution, weight `[i, o, k, k]`.
    Transposed,
    /// Every pixel repeated 2×2, then a 3×3 convolution that keeps the side; weight `[o, i, 3, 3]`.
    Upsampling,
}

/// A square convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Side of the kernel in px.
    pub kernel: usize,
    /// Step in px.
    pub stride: usize,
    /// Zeros on every side in px (of the forward map, where it is transposed).
    pub padding: usize,
    /// Forward or not.
    pub direction: Direction,
}

impl Convolution {
    /// A convolution.
    pub fn forward(kernel: usize, stride: usize, padding: usize) -> Self {
        Self { kernel, stride, padding, direction: Direction::Forward }
    }

    /// The transposed map of [`Convolution::forward`].
    pub fn transposed(kernel: usize, stride: usize, padding: usize) -> Self {
        Self { kernel, stride, padding, direction: Direction::Transposed }
    }

    /// Nearest ×2, then k3 p1.
    pub fn upsampling() -> Self {
        Self { kernel: 3, stride: 1, padding: 1, direction: Direction::Upsampling }
    }

    /// Side of the output from a side of the input.
    pub fn output_side(self, input: usize) -> usize {
        match self.direction {
            Direction::Forward => (input + 2 * self.padding).saturating_sub(self.kernel) / self.stride + 1,
            Direction::Transposed => (input * self.stride + self.kernel).saturating_sub(self.stride + 2 * self.padding),
            Direction::Upsampling => 2 * input,
        }
    }

    /// For people: kernel, channels, side and batch of what enters, `[b, c, h, w]`.
    pub(super) fn describe(self, entering: [usize; 4], weight: [usize; 4]) -> String {
        let (k, (inputs, outputs)) = (self.kernel, self.channels(weight));
        let kind = match self.direction {
            Direction::Forward if self.stride == 1 => format!("conv {k}×{k}"),
            Direction::Forward => format!("conv {k}×{k} /{}", self.stride),
            Direction::Transposed => format!("transposed {k}×{k} ·{}", self.stride),
            Direction::Upsampling => format!("×2, conv {k}×{k}"),
        };
        let [batch, _, height, width] = entering;
        format!("{kind}, {inputs}→{outputs} at {height}×{width}, b {batch}")
    }

    /// Input and output channels of a weight's shape.
    pub fn channels(self, weight: [usize; 4]) -> (usize, usize) {
        match self.direction {
            Direction::Forward | Direction::Upsampling => (weight[1], weight[0]),
            Direction::Transposed => (weight[0], weight[1]),
        }
    }
}

/// For people: an operation on values `[b, c, h, w]`.
pub(super) fn describe(what: &str, [batch, channels, height, width]: [usize; 4]) -> String {
    format!("{what}, {channels} at {height}×{width}, b {batch}")
}

/// What follows a convolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// Nothing.
    None,
    /// x, or slope · x below zero.
    LeakyRelu(f32),
}

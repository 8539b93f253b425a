//! The layers of the Inception-v3 that FID is defined with, under torchvision's names.

/// A step of a network whose convolutions are `C`.
#[derive(Clone, Debug)]
pub(super) enum Step<C> {
    /// A convolution, its norm and ReLU.
    Convolution(C),
    /// Mean of 3×3 px, step 1; the padding does not count. Keeps the side.
    Average,
    /// Maximum of 3×3 px, step 2, nothing padded.
    HalvingMaximum,
    /// Maximum of 3×3 px, step 1. Keeps the side.
    Maximum,
    /// The channels of all branches, one after the other.
    Fork(Vec<Vec<Step<C>>>),
}

impl<C> Step<C> {
    /// The same steps with other convolutions.
    pub(super) fn try_map<D, E>(&self, f: &mut impl FnMut(&C) -> Result<D, E>) -> Result<Step<D>, E> {
        Ok(match self {
            Self::Convolution(convolution) => Step::Convolution(f(convolution)?),
            Self::Average => Step::Average,
            Self::HalvingMaximum => Step::HalvingMaximum,
            Self::Maximum => Step::Maximum,
            Self::Fork(branches) => {
                let branch = |steps: &Vec<Self>| steps.iter().map(|step| step.try_map(&mut *f)).collect();
                Step::Fork(branches.iter().map(branch).collect::<Result<_, E>>()?)
            }
        })
    }
}

/// A convolution without bias, followed by a norm and ReLU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// In the file: `Mixed_5b.branch1x1`.
    pub(super) name: String,
    /// Channels that enter.
    pub(super) input: usize,
    /// Channels that leave.
    pub(super) output: usize,
    /// Height and width in px.
    pub(super) kernel: [usize; 2],
    /// Step in px.
    pub(super) stride: usize,
    /// Zeros above and below, left and right, in px.
    pub(super) padding: [usize; 2],
}

/// From `[b, 3, 299, 299]` to `[b, 2048, 8, 8]`.
pub(super) fn layout() -> Vec<Step<Unit>> {
    let plain = |name: &str| Named(name.to_owned());
    let mut steps = vec![
        plain("Conv2d_1a_3x3").halving(3, 32),
        plain("Conv2d_2a_3x3").valid(32, 32),
        plain("Conv2d_2b_3x3").square(32, 64, 3),
        Step::HalvingMaximum,
        plain("Conv2d_3b_1x1").square(64, 80, 1),
        plain("Conv2d_4a_3x3").valid(80, 192),
        Step::HalvingMaximum,
    ];
    steps.extend([("5b", 192, 32), ("5c", 256, 64), ("5d", 288, 64)].map(|(name, input, pool)| a(name, input, pool)));
    steps.push(b());
    steps.extend([("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)].map(|(name, width)| c(name, width)));
    steps.push(d());
    steps.push(e("7b", 1280, Step::Average));
    steps.push(e("7c", 2048, Step::Maximum));
    steps
}

/// 35×35 px: one by one, five by five, twice three by three, and pooled.
fn a(block: &str, input: usize, pool: usize) -> Step<Unit> {
    let unit = |name: &str| Named::in_block(block, name);
    Step::Fork(vec![
        vec![unit("branch1x1").square(input, 64, 1)],
        vec![unit("branch5x5_1").square(input, 48, 1), unit("branch5x5_2").square(48, 64, 5)],
        vec![
            unit("branch3x3dbl_1").square(input, 64, 1),
            unit("branch3x3dbl_2").square(64, 96, 3),
            unit("branch3x3dbl_3").square(96, 96, 3),
        ],
        vec![Step::Average, unit("branch_pool").square(input, pool, 1)],
    ])
}

/// From 35×35 to 17×17 px.
fn b() -> Step<Unit> {
    let unit = |name: &str| Named::in_block("6a", name);
    Step::Fork(vec![
        vec![unit("branch3x3").halving(288, 384)],
        vec![
            unit("branch3x3dbl_1").square(288, 64, 1),
            unit("branch3x3dbl_2").square(64, 96, 3),
            unit("branch3x3dbl_3").halving(96, 96),
        ],
        vec![Step::HalvingMaximum],
    ])
}

/// 17×17 px: kernels of seven by seven, taken apart into rows and columns.
fn c(block: &str, width: usize) -> Step<Unit> {
    let unit = |name: &str| Named::in_block(block, name);
    Step::Fork(vec![
        vec![unit("branch1x1").square(768, 192, 1)],
        vec![
            unit("branch7x7_1").square(768, width, 1),
            unit("branch7x7_2").row(width, width, 7),
            unit("branch7x7_3").column(width, 192, 7),
        ],
        vec![
            unit("branch7x7dbl_1").square(768, width, 1),
            unit("branch7x7dbl_2").column(width, width, 7),
            unit("branch7x7dbl_3").row(width, width, 7),
            unit("branch7x7dbl_4").column(width, width, 7),
            unit("branch7x7dbl_5").row(width, 192, 7),
        ],
        vec![Step::Average, unit("branch_pool").square(768, 192, 1)],
    ])
}

/// From 17×17 to 8×8 px.
fn d() -> Step<Unit> {
    let unit = |name: &str| Named::in_block("7a", name);
    Step::Fork(vec![
        vec![unit("branch3x3_1").square(768, 192, 1), unit("branch3x3_2").halving(192, 320)],
        vec![
            unit("branch7x7x3_1").square(768, 192, 1),
            unit("branch7x7x3_2").row(192, 192, 7),
            unit("branch7x7x3_3").column(192, 192, 7),
            unit("branch7x7x3_4").halving(192, 192),
        ],
        vec![Step::HalvingMaximum],
    ])
}

/// 8×8 px: rows and columns side by side.
fn e(block: &str, input: usize, pool: Step<Unit>) -> Step<Unit> {
    let unit = |name: &str| Named::in_block(block, name);
    let sides =
        |row, column| Step::Fork(vec![vec![unit(row).row(384, 384, 3)], vec![unit(column).column(384, 384, 3)]]);
    Step::Fork(vec![
        vec![unit("branch1x1").square(input, 320, 1)],
        vec![unit("branch3x3_1").square(input, 384, 1), sides("branch3x3_2a", "branch3x3_2b")],
        vec![
            unit("branch3x3dbl_1").square(input, 448, 1),
            unit("branch3x3dbl_2").square(448, 384, 3),
            sides("branch3x3dbl_3a", "branch3x3dbl_3b"),
        ],
        vec![pool, unit("branch_pool").square(input, 192, 1)],
    ])
}

/// A name, for which a shape is still to be said.
struct Named(String);

impl Named {
    fn in_block(block: &str, name: &str) -> Self {
        Self(format!("Mixed_{block}.{name}"))
    }

    fn unit(self, channels: [usize; 2], kernel: [usize; 2], stride: usize, padding: [usize; 2]) -> Step<Unit> {
        let [input, output] = channels;
        Step::Convolution(Unit { name: self.0, input, output, kernel, stride, padding })
    }

    /// Keeps the side.
    fn square(self, input: usize, output: usize, side: usize) -> Step<Unit> {
        self.unit([input, output], [side; 2], 1, [side / 2; 2])
    }

    /// 3×3 px, nothing padded: two less on each side.
    fn valid(self, input: usize, output: usize) -> Step<Unit> {
        self.unit([input, output], [3; 2], 1, [0; 2])
    }

    /// 3×3 px, step 2, nothing padded.
    fn halving(self, input: usize, output: usize) -> Step<Unit> {
        self.unit([input, output], [3; 2], 2, [0; 2])
    }

    /// As wide as `length`, one high.
    fn row(self, input: usize, output: usize, length: usize) -> Step<Unit> {
        self.unit([input, output], [1, length], 1, [0, length / 2])
    }

    /// As high as `length`, one wide.
    fn column(self, input: usize, output: usize, length: usize) -> Step<Unit> {
        self.unit([input, output], [length, 1], 1, [length / 2, 0])
    }
}

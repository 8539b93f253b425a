//! What to train, and how.

use crate::train::{Cadence, FineTune, TrainConfig};

/// Where a run begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartMode {
    /// At the model that is open.
    #[default]
    FineTune,
    /// At random weights.
    Scratch,
}

impl StartMode {
    /// Both.
    pub const ALL: [Self; 2] = [Self::FineTune, Self::Scratch];

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FineTune => "Fine-tune the open model",
            Self::Scratch => "From scratch",
        }
    }

    /// One sentence for the tooltip.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::FineTune => "Goes on from the model in use: twenty pairs and some minutes are enough to begin with",
            Self::Scratch => "Begins at random weights: needs thousands of pairs, and hours on a graphics card",
        }
    }
}

/// Sizes of a run from scratch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// To see it work.
    Small,
    /// As the bundled models.
    Medium,
    /// Half the paper's width.
    Large,
    /// The paper's.
    Full,
}

impl Preset {
    /// Every preset, the smallest first.
    pub const ALL: [Self; 4] = [Self::Small, Self::Medium, Self::Large, Self::Full];

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Small => "Small",
            Self::Medium => "Medium",
            Self::Large => "Large",
            Self::Full => "Full",
        }
    }

    /// One sentence for the tooltip.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Small => {
                "64 pixels, narrow networks: shows within minutes, even without a graphics card, whether it works"
            }
            Self::Medium => "128 pixels, half the paper's width: an evening on a graphics card",
            Self::Large => "128 pixels, the paper's width, fewer steps",
            Self::Full => "The paper's networks and its 100 000 steps: a day and more on a strong graphics card",
        }
    }

    fn config(self) -> TrainConfig {
        let paper = TrainConfig::default();
        let sized = |resolution, width, n_z, batch, steps| TrainConfig {
            resolution,
            generator_width: width,
            discriminator_width: width,
            segmentor_width: width,
            n_z,
            batch,
            steps,
            ..TrainConfig::default()
        };
        match self {
            Self::Small => sized(64, 16, 64, 8, 2_000),
            Self::Medium => sized(128, 32, 256, 8, 20_000),
            Self::Large => sized(128, 64, paper.n_z, 16, 50_000),
            Self::Full => paper,
        }
    }
}

/// What to train, and how.
#[derive(Clone, Debug)]
pub struct RunSettings {
    /// Where the run begins.
    pub mode: StartMode,
    /// The size that the settings have, while they have one.
    pub preset: Option<Preset>,
    /// Everything else; what describes the networks is the open model's when that is fine-tuned.
    pub config: TrainConfig,
    /// How often something is written.
    pub cadence: Cadence,
    /// Updates of the critics before G moves, when a model is fine-tuned.
    pub critic_warmup: u64,
    /// The run's name, as typed; empty for a name made from the data.
    pub name: String,
    /// The model's title, as typed; empty for its name.
    pub title: String,
    /// The model's licence, as typed; empty for none said.
    pub license: String,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            mode: StartMode::default(),
            preset: None,
            config: TrainConfig::fine_tune(),
            cadence: Cadence::default(),
            critic_warmup: FineTune::of("").critic_warmup,
            name: String::new(),
            title: String::new(),
            license: String::new(),
        }
    }
}

impl RunSettings {
    pub(super) fn set_mode(&mut self, mode: StartMode) {
        if self.mode == mode {
            return;
        }
        self.mode = mode;
        match mode {
            StartMode::FineTune => {
                self.preset = None;
                self.config = TrainConfig::fine_tune();
            }
            StartMode::Scratch => self.use_preset(Preset::Small),
        }
    }

    pub(super) fn use_preset(&mut self, preset: Preset) {
        self.mode = StartMode::Scratch;
        self.preset = Some(preset);
        self.config = preset.config();
    }

    /// Takes settings over; they may have left their preset.
    pub(super) fn configure(&mut self, config: TrainConfig) {
        self.preset = Preset::ALL.into_iter().find(|preset| preset.config() == config);
        self.config = config;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::taxonomy::Taxonomy;

    #[test]
    fn every_preset_can_train_and_is_known_again() {
        let taxonomy = Taxonomy::builtin("portrait").unwrap();
        let mut settings = RunSettings::default();
        assert!(settings.config.validate(&taxonomy).is_ok());
        for preset in Preset::ALL {
            settings.use_preset(preset);
            assert!(settings.config.validate(&taxonomy).is_ok(), "{preset:?}");
            let config = settings.config.clone();
            settings.configure(TrainConfig { batch: 3, ..config.clone() });
            assert_eq!(settings.preset, None);
            settings.configure(config);
            assert_eq!(settings.preset, Some(preset));
        }
        settings.set_mode(StartMode::FineTune);
        assert!(settings.config.generator_rate < TrainConfig::default().generator_rate);
    }
}

//! What a run is made of: everything but the data.

use std::fmt;
use std::path::Path;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::atomic_file::read_capped;
use crate::model::{ConfigError, DiscriminatorConfig, GeneratorConfig, GeneratorKind, SegmentorConfig};
use crate::taxonomy::Taxonomy;

/// Longest configuration file that is read, in bytes.
const MAX_CONFIG_BYTES: u64 = 64 << 10;

/// Settings of a run, as in the RON file of `scgan train --config`; what the file leaves out has the paper's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Seed of weights, noise and data order.
    pub seed: u64,
    /// Updates of G in the whole run.
    pub steps: u64,
    /// Images per update.
    pub batch: usize,
    /// Side of the pictures in px: 64, 128, 256 or 512.
    pub resolution: usize,
    /// How z and c enter G; `AllAtOnce` is the ablation.
    pub generator: GeneratorKind,
    /// Base width of G.
    pub generator_width: usize,
    /// Base width of D.
    pub discriminator_width: usize,
    /// Base width of S.
    pub segmentor_width: usize,
    /// Length of z.
    pub n_z: usize,
    /// Updates of D and S before each of G.
    pub critic_updates: u64,
    /// Learning rate of G.
    pub generator_rate: f64,
    /// Learning rate of D.
    pub discriminator_rate: f64,
    /// Learning rate of S and of the attribute head.
    pub segmentor_rate: f64,
    /// Adam's β₁.
    pub beta1: f64,
    /// Adam's β₂.
    pub beta2: f64,
    /// Part of the run, at its end, over which the rates fall linearly to zero.
    pub decay: f64,
    /// λ_cls; zero trains without classifier (ablation).
    pub lambda_cls: f64,
    /// λ_seg; zero trains without segmentor (ablation).
    pub lambda_seg: f64,
    /// λ_gp.
    pub lambda_gp: f64,
    /// λ_div: how much pictures of one mask and other latents shall differ. Not in the paper, and zero there.
    pub lambda_diversity: f64,
    /// How much G's L_seg makes up for labels that cover little: 0, as in the paper: every pixel counts the same; 1: every label.
    pub label_balance: f64,
    /// Decay of the moving average of G's weights, per update of G.
    pub average_decay: f64,
    /// Mirror half of the images.
    pub flip: bool,
    /// Threads that decode images.
    pub loader_threads: usize,
    /// Updates of D and S alone before the first of G.
    pub critic_warmup: u64,
    /// Whether the average forgets its start quickly, which is right for random weights and wrong for learned ones.
    pub average_ramp: bool,
    /// Strength, 0 to 1, of changes of brightness, saturation and contrast in what D sees; 0: none.
    pub augment_color: f64,
    /// The same for shifts, by up to an eighth of the side.
    pub augment_translation: f64,
    /// The same for a square hole, of up to half the side.
    pub augment_cutout: f64,
    /// First convolutions of D, 0 to 6, that stay as they are once the warm-up is over.
    pub freeze_discriminator_layers: usize,
    /// Samples, spread over the data, that a [`crate::train::Run`] keeps out of training and scores its checkpoints by;
    /// 0: it trains on all and scores by some of them.
    pub held_out: usize,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            seed: 2021,
            steps: 100_000,
            batch: 16,
            resolution: 128,
            generator: GeneratorKind::StepByStep,
            generator_width: 64,
            discriminator_width: 64,
            segmentor_width: 64,
            n_z: 512,
            critic_updates: 5,
            generator_rate: 5e-5,
            discriminator_rate: 5e-5,
            segmentor_rate: 1e-4,
            beta1: 0.5,
            beta2: 0.999,
            decay: 0.6,
            lambda_cls: 5.0,
            lambda_seg: 1.0,
            lambda_gp: 10.0,
            lambda_diversity: 0.0,
            label_balance: 0.0,
            average_decay: 0.999,
            flip: true,
            loader_threads: 2,
            critic_warmup: 0,
            average_ramp: true,
            augment_color: 0.0,
            augment_translation: 0.0,
            augment_cutout: 0.0,
            freeze_discriminator_layers: 0,
            held_out: 0,
        }
    }
}

/// A configuration file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TrainConfigError {
    /// It could not be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// The system's words.
        source: std::io::Error,
    },
    /// It is not RON of this shape.
    #[error("{path}: {reason}")]
    Syntax {
        /// The file.
        path: String,
        /// Place and cause.
        reason: String,
    },
    /// A network is impossible.
    #[error(transparent)]
    Network(#[from] ConfigError),
    /// A number makes no sense.
    #[error("{name} is {value}; it must be {expected}")]
    Value {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
}

impl TrainConfig {
    /// Where fine-tuning starts from: steps of G a fraction of the paper's, D a little faster than G (it is new, G is
    /// not), an average short enough to follow a short run, and all augmentations, since few pictures are learned by
    /// heart quickly. G 2e-5, D 5e-5 and S 5e-5 instead of the paper's 5e-5, 5e-5 and 1e-4; batch 8 instead of 16;
    /// 3,000 steps; averaged over some 200 updates instead of 1,000.
    pub fn fine_tune() -> Self {
        Self {
            steps: 3000,
            batch: 8,
            generator_rate: 2e-5,
            discriminator_rate: 5e-5,
            segmentor_rate: 5e-5,
            average_decay: 0.995,
            average_ramp: false,
            augment_color: 1.0,
            augment_translation: 1.0,
            augment_cutout: 1.0,
            ..Self::default()
        }
    }

    /// How many of `len` samples to hold out where nobody has said: a tenth, at most 16, and none of fewer than 40.
    pub fn suggested_held_out(len: usize) -> usize {
        if len < 40 { 0 } else { (len / 10).min(16) }
    }

    /// Reads a RON file.
    pub fn load(path: &Path) -> Result<Self, TrainConfigError> {
        Self::load_over(path, &Self::default())
    }

    /// Reads a RON file; what it leaves out is as in `defaults`.
    pub fn load_over(path: &Path, defaults: &Self) -> Result<Self, TrainConfigError> {
        let name = path.display().to_string();
        let bytes = read_capped(path, MAX_CONFIG_BYTES)
            .map_err(|source| TrainConfigError::Io { path: name.clone(), source })?;
        let syntax = |reason: String| TrainConfigError::Syntax { path: name.clone(), reason };
        let text = std::str::from_utf8(&bytes).map_err(|error| syntax(error.to_string()))?;
        let given = Self::from_ron(text).map_err(|error| syntax(error.to_string()))?;
        let Settings(names) = ron::from_str(text).map_err(|error| syntax(error.to_string()))?;
        given.over(&names, defaults).map_err(|error| syntax(error.to_string()))
    }

    /// These settings where they are among `names`, else those of `defaults`.
    fn over(&self, names: &[String], defaults: &Self) -> Result<Self, serde_json::Error> {
        let given = serde_json::to_value(self)?;
        let mut all = serde_json::to_value(defaults)?;
        for name in names {
            if let (Some(value), Some(given)) = (all.get_mut(name), given.get(name)) {
                *value = given.clone();
            }
        }
        serde_json::from_value(all)
    }

    /// Parses RON text.
    pub fn from_ron(text: &str) -> Result<Self, ron::error::SpannedError> {
        ron::from_str(text)
    }

    /// RON text with every setting written out.
    pub fn to_ron(&self) -> Result<String, ron::Error> {
        ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default())
    }

    /// Refuses settings that cannot train.
    pub fn validate(&self, taxonomy: &Taxonomy) -> Result<(), TrainConfigError> {
        self.generator_config(taxonomy).validate()?;
        self.segmentor_config(taxonomy).validate()?;
        let at_least_one = "at least 1";
        let not_negative = "zero or more";
        let fraction = "0 to 1";
        let below_one = "at least 0 and below 1";
        let unit = |value: f64| (0.0..=1.0).contains(&value);
        let open_unit = |value: f64| (0.0..1.0).contains(&value);
        let positive = |value: f64| value.is_finite() && value >= 0.0;
        for (name, value, valid, expected) in [
            ("steps", self.steps as f64, self.steps >= 1, at_least_one),
            ("batch", self.batch as f64, (1..=1024).contains(&self.batch), "1 to 1024"),
            (
                "discriminator_width",
                self.discriminator_width as f64,
                (1..=256).contains(&self.discriminator_width),
                "1 to 256",
            ),
            ("critic_updates", self.critic_updates as f64, self.critic_updates >= 1, at_least_one),
            ("loader_threads", self.loader_threads as f64, (1..=256).contains(&self.loader_threads), "1 to 256"),
            ("generator_rate", self.generator_rate, positive(self.generator_rate), not_negative),
            ("discriminator_rate", self.discriminator_rate, positive(self.discriminator_rate), not_negative),
            ("segmentor_rate", self.segmentor_rate, positive(self.segmentor_rate), not_negative),
            ("lambda_cls", self.lambda_cls, positive(self.lambda_cls), not_negative),
            ("lambda_seg", self.lambda_seg, positive(self.lambda_seg), not_negative),
            ("lambda_gp", self.lambda_gp, positive(self.lambda_gp), not_negative),
            ("lambda_diversity", self.lambda_diversity, positive(self.lambda_diversity), not_negative),
            ("label_balance", self.label_balance, unit(self.label_balance), fraction),
            ("decay", self.decay, unit(self.decay), fraction),
            ("augment_color", self.augment_color, unit(self.augment_color), fraction),
            ("augment_translation", self.augment_translation, unit(self.augment_translation), fraction),
            ("augment_cutout", self.augment_cutout, unit(self.augment_cutout), fraction),
            (
                "freeze_discriminator_layers",
                self.freeze_discriminator_layers as f64,
                self.freeze_discriminator_layers <= DiscriminatorConfig::DEPTH,
                "0 to 6",
            ),
            ("beta1", self.beta1, open_unit(self.beta1), below_one),
            ("beta2", self.beta2, open_unit(self.beta2), below_one),
            ("average_decay", self.average_decay, open_unit(self.average_decay), below_one),
        ] {
            if !valid {
                return Err(TrainConfigError::Value { name, value, expected });
            }
        }
        Ok(())
    }

    /// G's shape for a taxonomy.
    pub fn generator_config(&self, taxonomy: &Taxonomy) -> GeneratorConfig {
        GeneratorConfig {
            kind: self.generator,
            resolution: self.resolution,
            width: self.generator_width,
            n_z: self.n_z,
            n_labels: taxonomy.n_labels(),
            n_attributes: taxonomy.n_attributes(),
        }
    }

    /// D's shape for a taxonomy.
    pub fn discriminator_config(&self, taxonomy: &Taxonomy) -> DiscriminatorConfig {
        DiscriminatorConfig {
            resolution: self.resolution,
            width: self.discriminator_width,
            n_attributes: taxonomy.n_attributes(),
        }
    }

    /// S's shape for a taxonomy.
    pub fn segmentor_config(&self, taxonomy: &Taxonomy) -> SegmentorConfig {
        SegmentorConfig::paper(self.segmentor_width, taxonomy.n_labels())
    }

    /// Factor on all learning rates at an update of G: 1, then falling linearly to 0 over the last [`Self::decay`].
    pub fn rate_factor(&self, step: u64) -> f64 {
        let left = 1.0 - step as f64 / self.steps as f64;
        if self.decay > 0.0 { (left / self.decay).clamp(0.0, 1.0) } else { 1.0 }
    }
}

/// The names of the settings that a RON text has, whatever their values.
struct Settings(Vec<String>);

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Settings;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("settings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Settings, A::Error> {
                let mut names = Vec::new();
                while let Some((name, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                    names.push(name);
                }
                Ok(Settings(names))
            }

            fn visit_unit<E>(self) -> Result<Settings, E> {
                Ok(Settings(Vec::new()))
            }
        }
        deserializer.deserialize_any(Names)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_a_file_leaves_out_is_as_in_the_defaults_it_is_read_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.ron");
        let defaults = TrainConfig::fine_tune();
        for (text, expected) in [
            ("()", defaults.clone()),
            // The paper's own values, said aloud, are not the defaults'.
            (
                "(batch: 16, generator: AllAtOnce, flip: true, augment_color: 0.0) // mine",
                TrainConfig { batch: 16, generator: GeneratorKind::AllAtOnce, augment_color: 0.0, ..defaults.clone() },
            ),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(TrainConfig::load_over(&path, &defaults).unwrap(), expected);
        }
        std::fs::write(&path, defaults.to_ron().unwrap()).unwrap();
        assert_eq!(TrainConfig::load(&path).unwrap(), defaults);
    }

    #[test]
    fn a_file_may_leave_out_what_it_does_not_change_but_not_misspell_it() {
        let config = TrainConfig::from_ron("(steps: 7, lambda_seg: 0.0)").unwrap();
        assert_eq!(config, TrainConfig { steps: 7, lambda_seg: 0.0, ..TrainConfig::default() });
        assert_eq!(TrainConfig::from_ron(&config.to_ron().unwrap()).unwrap(), config);
        assert!(TrainConfig::from_ron("(step: 7)").is_err());
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let taxonomy = Taxonomy::builtin("celeba-7").unwrap();
        let valid = TrainConfig::default();
        assert!(valid.validate(&taxonomy).is_ok());
        let wrong = [
            ("batch", TrainConfig { batch: 0, ..valid.clone() }),
            ("lambda_gp", TrainConfig { lambda_gp: f64::NAN, ..valid.clone() }),
            ("beta2", TrainConfig { beta2: 1.0, ..valid.clone() }),
            ("resolution", TrainConfig { resolution: 100, ..valid.clone() }),
            ("augment_color", TrainConfig { augment_color: 1.5, ..valid.clone() }),
            ("augment_translation", TrainConfig { augment_translation: -0.1, ..valid.clone() }),
            ("augment_cutout", TrainConfig { augment_cutout: f64::NAN, ..valid.clone() }),
            ("freeze_discriminator_layers", TrainConfig { freeze_discriminator_layers: 7, ..valid.clone() }),
        ];
        for (name, config) in wrong {
            assert!(config.validate(&taxonomy).unwrap_err().to_string().contains(name));
        }
    }

    #[test]
    fn rates_fall_over_the_last_sixty_percent() {
        let config = TrainConfig { steps: 100, ..TrainConfig::default() };
        assert_eq!(config.rate_factor(0), 1.0);
        assert_eq!(config.rate_factor(40), 1.0);
        assert!((config.rate_factor(70) - 0.5).abs() < 1e-12);
        assert_eq!(config.rate_factor(100), 0.0);
    }
}

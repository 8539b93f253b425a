//! The `--device` option.

use std::fmt;
use std::str::FromStr;

/// Which device the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU: the first one, or the one with this number.
    Gpu(Option<usize>),
}

/// The text is none of `auto`, `cpu`, `gpu`, `gpu:N`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no device; use auto, cpu, gpu or gpu:N (N counts from 0)")]
pub struct ParseDeviceChoiceError(String);

impl FromStr for DeviceChoice {
    type Err = ParseDeviceChoiceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseDeviceChoiceError(text.to_owned());
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu(None)),
            _ => {
                let number = text.strip_prefix("gpu:").ok_or_else(error)?;
                number.parse().map(|n| Self::Gpu(Some(n))).map_err(|_| error())
            }
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Gpu(None) => f.write_str("gpu"),
            Self::Gpu(Some(number)) => write!(f, "gpu:{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_choice_survives_printing_and_parsing() {
        for choice in [DeviceChoice::Auto, DeviceChoice::Cpu, DeviceChoice::Gpu(None), DeviceChoice::Gpu(Some(3))] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        for wrong in ["", "cuda", "gpu:", "gpu:-1", "GPU"] {
            assert!(wrong.parse::<DeviceChoice>().unwrap_err().to_string().contains(wrong));
        }
    }
}

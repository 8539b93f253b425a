//! What all network configurations check.

/// A configuration that describes no network of this family.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A size is zero or absurd.
    #[error("{name} is {value}; it must be {least} to {most}")]
    OutOfRange {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: usize,
        /// Smallest valid value.
        least: usize,
        /// Largest valid value.
        most: usize,
    },
    /// The resolution is not one of the four.
    #[error("resolution is {0}; it must be 64, 128, 256 or 512")]
    Resolution(usize),
    /// A network that exists at one resolution only.
    #[error("resolution is {found}; a generator of this kind draws {expected}×{expected} px only")]
    FixedResolution {
        /// The resolution asked for.
        found: usize,
        /// The one there is.
        expected: usize,
    },
    /// Half the width is used.
    #[error("width is {0}; it must be even")]
    OddWidth(usize),
}

/// 64, 128, 256 or 512 px.
pub(crate) fn check_resolution(resolution: usize) -> Result<(), ConfigError> {
    if [64, 128, 256, 512].contains(&resolution) { Ok(()) } else { Err(ConfigError::Resolution(resolution)) }
}

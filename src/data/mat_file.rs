//! MATLAB files of data sets: a variable by its name.

use super::DataError;
use super::mat5::{self, Value};
use crate::atomic_file::read_capped;
use std::path::Path;

const MAX_BYTES: u64 = 256 << 20;

/// One variable of a file.
pub(super) fn variable(path: &Path, name: &str) -> Result<Value, DataError> {
    let bytes = read_capped(path, MAX_BYTES).map_err(DataError::io(path))?;
    let variables =
        mat5::read(&bytes, &[name]).map_err(|source| DataError::Mat { path: path.to_path_buf(), source })?;
    let found = variables.into_iter().next();
    found.map(|(_, value)| value).ok_or_else(|| DataError::content(path, format!("no variable `{name}` in it")))
}

/// A row or a column of whole numbers within limits.
pub(super) fn whole_numbers(path: &Path, name: &str, limits: [u32; 2]) -> Result<Vec<u32>, DataError> {
    let wrong = |problem: String| DataError::content(path, problem);
    let Value::Numeric(numbers) = variable(path, name)? else {
        return Err(wrong(format!("`{name}` is no array of numbers")));
    };
    if !matches!(numbers.dimensions[..], [_, 1] | [1, _]) {
        return Err(wrong(format!("`{name}` is {:?}; expected N×1 or 1×N", numbers.dimensions)));
    }
    let [least, most] = limits;
    let whole = |(index, value): (usize, f64)| {
        // The cast saturates and truncates, so that negative values, fractions and NaN differ from what it makes of them.
        let number = value as u32;
        let good = f64::from(number) == value && (least..=most).contains(&number);
        good.then_some(number)
            .ok_or_else(|| wrong(format!("`{name}` is {value} at place {}; expected {least}–{most}", index + 1)))
    };
    numbers.values().into_iter().enumerate().map(whole).collect()
}

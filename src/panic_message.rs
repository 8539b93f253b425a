//! What a caught panic says.

use std::any::Any;

/// The text given to `panic!`, from what `catch_unwind` or `join` returned.
pub fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn literal_formatted_and_foreign_panics() {
        let message = |job: fn()| panic_message(catch_unwind(job).unwrap_err().as_ref());
        assert_eq!(message(|| panic!("literal")), "literal");
        assert_eq!(message(|| panic!("formatted {}", 1)), "formatted 1");
        assert_eq!(message(|| std::panic::panic_any(7)), "a panic without a message");
    }
}

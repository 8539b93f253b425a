//! Readers against files of other programs.

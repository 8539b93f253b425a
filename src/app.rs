//! eframe glue.

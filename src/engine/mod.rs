//! The worker thread that renders live.

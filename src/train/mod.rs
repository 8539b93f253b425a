//! Objectives and the trainer (Algorithm 1).

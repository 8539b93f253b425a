//! The three networks, the attribute head and the model file.

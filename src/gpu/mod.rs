//! Choice of the compute device.

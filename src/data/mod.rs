//! Training samples: readers, the procedural source, and the loader threads.

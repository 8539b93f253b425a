//! What the user edits: the label map in copy-on-write tiles, tools and history.

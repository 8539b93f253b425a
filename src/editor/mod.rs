//! Editor state, commands, and the one function that changes the state.

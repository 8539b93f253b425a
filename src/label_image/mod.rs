//! A dense image of label ids and its PNG forms.

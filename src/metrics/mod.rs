//! Scores: confusion matrix, mean IoU, pixel accuracy.

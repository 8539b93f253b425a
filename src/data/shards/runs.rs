//! Runs of equal labels: two bytes each, id and length − 1. A longer run is several.

use crate::taxonomy::LabelId;

/// The labels in runs, unless those are no shorter than the labels themselves.
pub(super) fn encode(ids: &[LabelId]) -> Option<Vec<u8>> {
    let mut runs = Vec::new();
    for run in ids.chunk_by(|a, b| a == b) {
        for part in run.chunks(256) {
            runs.extend([part[0], (part.len() - 1) as u8]);
        }
        if runs.len() >= ids.len() {
            return None;
        }
    }
    Some(runs)
}

/// `n_pixels` labels; none if the runs do not make just so many.
pub(super) fn decode(runs: &[u8], n_pixels: usize) -> Option<Vec<LabelId>> {
    let mut ids = Vec::with_capacity(n_pixels);
    let (pairs, rest) = runs.as_chunks::<2>();
    for [id, length] in pairs {
        let end = ids.len() + usize::from(*length) + 1;
        if end > n_pixels {
            return None;
        }
        ids.resize(end, *id);
    }
    (rest.is_empty() && ids.len() == n_pixels).then_some(ids)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hostile;
    use crate::label_image::tests::random_labels;

    #[test]
    fn runs_of_any_length_come_back() {
        for lengths in [&[1_usize, 255, 256, 257, 1000][..], &[513], &[40, 1, 1, 90]] {
            let ids: Vec<u8> = lengths.iter().enumerate().flat_map(|(id, &length)| vec![id as u8; length]).collect();
            let runs = encode(&ids).unwrap();
            assert!(runs.len() < ids.len());
            assert_eq!(decode(&runs, ids.len()), Some(ids));
        }
        // Noise is longer in runs.
        assert_eq!(encode(random_labels(64, 64, 11, 1).ids()), None);
        assert_eq!(encode(&[3]), None);
    }

    #[test]
    fn other_counts_are_refused() {
        let runs = encode(&[[1; 300], [2; 300]].concat()).unwrap();
        for wrong in [0, 1, 599, 601, 700] {
            assert_eq!(decode(&runs, wrong), None);
        }
        assert_eq!(decode(&runs[..runs.len() - 1], 600), None);
        hostile::survives(&runs, 2, |bytes| drop(decode(bytes, 600)));
    }
}

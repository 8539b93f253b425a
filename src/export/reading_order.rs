//! In which order the words of a line stand when some of them are read from the right.
//!
//! As much of the Unicode bidirectional algorithm (UAX #9) as a caption needs: letters have a direction, digits run from
//! the left, and what lies between takes the direction of both its neighbours or else that of the line.

/// Where a character's text goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToRight,
    ToLeft,
}

/// Parts of the line from left to right. Each is to be shaped in its own direction.
pub(super) fn from_left(line: &str) -> Vec<&str> {
    let strong: Vec<_> = line.chars().map(direction).collect();
    let letters = line.chars().zip(&strong).filter(|(letter, _)| letter.is_alphabetic());
    let own = letters.filter_map(|(_, direction)| *direction).next().unwrap_or(Direction::ToRight);
    if own == Direction::ToRight && !strong.contains(&Some(Direction::ToLeft)) {
        return vec![line];
    }
    let mut runs: Vec<(Direction, Vec<&str>)> = Vec::new();
    let mut last = None;
    for (index, (at, letter)) in line.char_indices().enumerate() {
        let here = strong[index].unwrap_or_else(|| {
            let before = strong[..index].iter().rev().find_map(|direction| *direction).unwrap_or(own);
            let after = strong[index..].iter().find_map(|direction| *direction).unwrap_or(own);
            if before == after { before } else { own }
        });
        let text = &line[at..at + letter.len_utf8()];
        // Text to the left is shaped word by word, since spaces come from another font.
        let joins = last == Some((here, strong[index].is_some())) || (here == Direction::ToRight && runs_on(&runs));
        match runs.last_mut() {
            Some((direction, words)) if *direction == here => match words.last_mut() {
                Some(word) if joins => *word = &line[at - word.len()..at + text.len()],
                _ => words.push(text),
            },
            _ => runs.push((here, vec![text])),
        }
        last = Some((here, strong[index].is_some()));
    }
    for (_, words) in runs.iter_mut().filter(|(direction, _)| *direction == Direction::ToLeft) {
        words.reverse();
    }
    if own == Direction::ToLeft {
        runs.reverse();
    }
    runs.into_iter().flat_map(|(_, words)| words).collect()
}

fn runs_on(runs: &[(Direction, Vec<&str>)]) -> bool {
    runs.last().is_some_and(|(direction, _)| *direction == Direction::ToRight)
}

/// `None` for what has no direction of its own.
fn direction(letter: char) -> Option<Direction> {
    // Hebrew, Arabic and their neighbours, their presentation forms, and the old scripts from the right.
    let to_left = matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    let digit = letter.is_numeric();
    match (to_left && !digit, letter.is_alphanumeric() || is_mark(letter)) {
        (true, _) => Some(Direction::ToLeft),
        (false, true) => Some(Direction::ToRight),
        (false, false) => None,
    }
}

/// Marks belong to the letter before them, as do joiners to what they join.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_from_the_left_stay_whole() {
        for line in ["", "seed 1", "κεφάλι — Лицо", "正面 顔", "🙂 12"] {
            assert_eq!(from_left(line), [line]);
        }
    }

    #[test]
    fn words_from_the_right_are_turned_round() {
        assert_eq!(from_left("שלום עולם"), ["עולם", " ", "שלום"]);
        assert_eq!(from_left("seed 12 שלום עולם!"), ["seed 12 ", "עולם", " ", "שלום", "!"]);
        // A number keeps its digits, and stands where it is read.
        assert_eq!(from_left("תמונה 12"), ["12", " ", "תמונה"]);
        assert_eq!(from_left("تسريحة long hair, جديدة"), ["جديدة", ", ", "long hair", " ", "تسريحة"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(line in "[a-c אבג1 ,.\u{300}\u{10ffff}]{0,24}") {
            let mut before: Vec<char> = line.chars().collect();
            let mut after: Vec<char> = from_left(&line).concat().chars().collect();
            before.sort_unstable();
            after.sort_unstable();
            prop_assert_eq!(before, after);
        }
    }
}

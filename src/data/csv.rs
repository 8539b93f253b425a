//! Comma-separated values after RFC 4180: quotes around fields, doubled inside; any line ends; a byte order mark is skipped.

use std::borrow::Cow;

/// The rows that are not blank, each with its line number from 1.
///
/// The error says what is wrong and in which line.
pub(super) fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = Vec::new();
    let mut line = 1;
    while !rest.is_empty() {
        let first_line = line;
        let mut fields = Vec::new();
        loop {
            let field;
            (field, rest) = next_field(rest).map_err(|problem| format!("line {first_line}: {problem}"))?;
            line += field.matches('\n').count();
            fields.push(field);
            if let Some(after) = rest.strip_prefix(',') {
                rest = after;
                continue;
            }
            rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])).unwrap_or(rest);
            line += 1;
            break;
        }
        if fields != [""] {
            rows.push((first_line, fields));
        }
    }
    Ok(rows)
}

/// A field, blanks around it trimmed unless quoted, and what follows it: a comma, a line end, or nothing.
fn next_field(text: &str) -> Result<(String, &str), String> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\n', '\r']).unwrap_or(text.len());
        let (field, rest) = text.split_at(end);
        if field.contains('"') {
            return Err(format!("a quote inside the unquoted field {field:?}"));
        }
        return Ok((field.trim().to_owned(), rest));
    };
    let mut field = String::new();
    loop {
        let Some((part, after)) = rest.split_once('"') else {
            return Err("a quote that is never closed".to_owned());
        };
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(doubled) => {
                field.push('"');
                rest = doubled;
            }
            None if after.is_empty() || after.starts_with([',', '\n', '\r']) => return Ok((field, after)),
            None => return Err(format!("text after the closing quote of {field:?}")),
        }
    }
}

/// A field as it is written: in quotes where it could be misread.
pub(super) fn field(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) || text.trim() != text {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::hostile;

    const TEXT: &str = "\u{feff}file,Male\r\n\"a, \"\"b\"\".png\",1\n\n ä.png , 0\rlast,\"two\nlines\"\nend,";

    #[test]
    fn fields_quotes_and_line_numbers() {
        let expected = [
            (1, vec!["file", "Male"]),
            (2, vec!["a, \"b\".png", "1"]),
            (4, vec!["ä.png", "0"]),
            (5, vec!["last", "two\nlines"]),
            (7, vec!["end", ""]),
        ];
        let rows = rows(TEXT).unwrap();
        assert_eq!(rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!((row.0, row.1.iter().map(String::as_str).collect::<Vec<_>>()), expected);
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["plain", " blanks ", "a,b", "say \"a\"", "two\nlines", "\r", "ä ö"] {
            let line = format!("{},1\n", field(text));
            assert_eq!(next_field(&line).unwrap(), (text.to_owned(), ",1\n"));
        }
    }

    #[test]
    fn wrong_quotes_are_named_with_their_line() {
        for (text, line) in [("a\n\"b", "line 2"), ("a\"b", "line 1"), ("x\n\"a\"b,c", "line 2")] {
            let error = rows(text).unwrap_err();
            assert!(error.contains(line), "{error}");
        }
    }

    #[test]
    fn hostile_text_is_answered() {
        hostile::survives(TEXT.as_bytes(), 3, |bytes| drop(rows(&String::from_utf8_lossy(bytes))));
    }
}

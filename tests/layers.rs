//! Imports point down: reads every path in `src` and fails on one that points up the layers of `src/lib.rs`, and on
//! crates used outside the layers that may know them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

/// The top-level modules, lowest layer first: the order of the declarations in `src/lib.rs`.
fn layers() -> Vec<String> {
    let lib = fs::read_to_string(source_root().join("lib.rs")).unwrap();
    let declared = |line: &str| {
        let name = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("pub(crate) mod "))?;
        Some(name.strip_suffix(';')?.to_owned())
    };
    lib.lines().filter_map(declared).collect()
}

fn source_root() -> PathBuf {
    PathBuf::from("src")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// `engine/handle.rs` → `[engine, handle]`, `engine/mod.rs` → `[engine]`, `lib.rs` → `[]`.
fn module_of(relative: &Path) -> Vec<String> {
    let mut module: Vec<String> =
        relative.with_extension("").components().map(|part| part.as_os_str().to_str().unwrap().to_owned()).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    module
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Ident(String),
    PathSeparator,
    Other(char),
}

/// Tokens with their line numbers, without comments, strings, characters and lifetimes.
fn tokens(source: &str) -> Vec<(usize, Token)> {
    let text: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let rest = &text[at..];
        let length = match rest[0] {
            '/' if rest.get(1) == Some(&'/') => until(rest, |left| left[0] == '\n'),
            '/' if rest.get(1) == Some(&'*') => 2 + until(&rest[2..], |left| left.starts_with(&['*', '/'])) + 2,
            '"' => string_length(rest),
            'r' if raw_string_length(rest).is_some() => raw_string_length(rest).unwrap(),
            '\'' => quote_length(rest),
            c if c.is_alphabetic() || c == '_' => {
                let length = until(rest, |left| !(left[0].is_alphanumeric() || left[0] == '_'));
                tokens.push((line, Token::Ident(rest[..length].iter().collect())));
                length
            }
            ':' if rest.get(1) == Some(&':') => {
                tokens.push((line, Token::PathSeparator));
                2
            }
            c if c.is_whitespace() => 1,
            c => {
                tokens.push((line, Token::Other(c)));
                1
            }
        }
        .min(rest.len());
        line += rest[..length].iter().filter(|&&c| c == '\n').count();
        at += length;
    }
    tokens
}

fn until(text: &[char], stop: impl Fn(&[char]) -> bool) -> usize {
    (0..text.len()).find(|&at| stop(&text[at..])).unwrap_or(text.len())
}

fn string_length(text: &[char]) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_string_length(text: &[char]) -> Option<usize> {
    let hashes = until(&text[1..], |left| left[0] != '#');
    (text.get(1 + hashes) == Some(&'"')).then(|| {
        let mut end = vec!['"'];
        end.extend(std::iter::repeat_n('#', hashes));
        let body = 2 + hashes;
        body + until(&text[body..], |left| left.starts_with(&end)) + end.len()
    })
}

/// A character literal whole, a lifetime's quote alone.
fn quote_length(text: &[char]) -> usize {
    if text.get(1) == Some(&'\\') {
        // At most `'\u{10FFFF}'`; the character after the backslash may itself be a quote.
        3 + until(&text[3.min(text.len())..], |left| left[0] == '\'') + 1
    } else if text.get(2) == Some(&'\'') {
        3
    } else {
        1
    }
}

/// A path as written, resolved to start at the crate's root or with an external crate's name.
#[derive(Debug, PartialEq)]
struct Import {
    line: usize,
    path: Vec<String>,
    /// Whether the path starts in this crate.
    internal: bool,
}

/// Every path with `::` in it and every `use`, groups expanded.
fn imports(source: &str, module: &[String]) -> Vec<Import> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    // Inline modules around the current token, each with the brace depth inside it.
    let mut inline: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at].1 {
            Token::Other('{') => depth += 1,
            Token::Other('}') => {
                depth -= 1;
                inline.retain(|(_, inside)| *inside <= depth);
            }
            Token::Ident(word) if word == "mod" => {
                if let (Some((_, Token::Ident(name))), Some((_, Token::Other('{')))) =
                    (tokens.get(at + 1), tokens.get(at + 2))
                {
                    inline.push((name.clone(), depth + 1));
                    at += 1;
                }
            }
            Token::Ident(_) => {
                let is_use = at > 0 && tokens[at - 1].1 == Token::Ident("use".to_owned());
                let mut paths = Vec::new();
                let line = tokens[at].0;
                let next = read_tree(&tokens, at, &[], &mut paths);
                let here: Vec<String> =
                    module.iter().cloned().chain(inline.iter().map(|(name, _)| name.clone())).collect();
                let paths = paths.into_iter().filter(|path| is_use || path.len() > 1);
                found.extend(paths.map(|path| resolve(line, path, &here)));
                at = next;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Reads `a::b::{c, d::*}` from the identifier at `at`; returns where it ends.
fn read_tree(tokens: &[(usize, Token)], mut at: usize, prefix: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    while let Some((_, Token::Ident(name))) = tokens.get(at) {
        path.push(name.clone());
        at += 1;
        if tokens.get(at).map(|token| &token.1) != Some(&Token::PathSeparator) {
            break;
        }
        at += 1;
        if tokens.get(at).map(|token| &token.1) == Some(&Token::Other('{')) {
            at += 1;
            while let Some((_, token)) = tokens.get(at) {
                match token {
                    Token::Ident(_) => at = read_tree(tokens, at, &path, paths),
                    Token::Other('}') => return at + 1,
                    _ => at += 1,
                }
            }
        }
    }
    paths.push(path);
    at
}

fn resolve(line: usize, path: Vec<String>, here: &[String]) -> Import {
    let mut names = path.iter().peekable();
    let mut base = match path[0].as_str() {
        "crate" | "scgan" => {
            names.next();
            Vec::new()
        }
        "self" => {
            names.next();
            here.to_vec()
        }
        "super" => here.to_vec(),
        _ => {
            return Import { line, path, internal: false };
        }
    };
    while names.next_if(|name| *name == "super").is_some() {
        base.pop();
    }
    base.extend(names.cloned());
    Import { line, path: base, internal: true }
}

/// What is wrong with one file, as lines for people.
fn violations(source: &str, relative: &Path, layers: &[String]) -> Vec<String> {
    let module = module_of(relative);
    let own = module.first().map_or("", String::as_str);
    let rank = |name: &str| layers.iter().position(|layer| layer == name);
    let own_rank = rank(own);
    let complaint = |import: &Import| {
        let top = import.path.first()?.as_str();
        if import.internal {
            (rank(top)? > own_rank?).then(|| format!("{own} imports {top}, which lies above it"))
        } else {
            // Captions are set in the fonts of the window, which know nothing of a window themselves.
            let is_font = own == "export" && top == "egui_system_font_provider";
            let is_egui = !is_font && (top.starts_with("egui") || top == "eframe");
            if is_egui && !matches!(own, "ui" | "app") {
                Some(format!("{own} uses {top}, which only ui and app may"))
            } else if top == "burn" && own == "document" {
                Some("document uses burn".to_owned())
            } else {
                None
            }
        }
    };
    imports(source, &module)
        .iter()
        .filter_map(|import| Some(format!("src/{}:{}: {}", relative.display(), import.line, complaint(import)?)))
        .collect()
}

#[test]
fn imports_point_down() {
    let root = source_root();
    let layers = layers();
    assert!(layers.len() > 10, "{layers:?}");
    let files = rust_files(&root);
    let mut seen = 0;
    let mut wrong = Vec::new();
    for file in &files {
        let relative = file.strip_prefix(&root).unwrap();
        let source = fs::read_to_string(file).unwrap();
        seen += imports(&source, &module_of(relative)).iter().filter(|import| import.internal).count();
        wrong.extend(violations(&source, relative, &layers));
    }
    assert!(seen > files.len(), "only {seen} internal paths found in {} files: is the scanner blind?", files.len());
    assert!(wrong.is_empty(), "imports that point up:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_is_declared_and_drawn() {
    let drawn = fs::read_to_string("docs/ARCHITECTURE.md").unwrap();
    let layers = layers();
    for file in rust_files(&source_root()) {
        let module = module_of(file.strip_prefix(source_root()).unwrap());
        let Some(top) = module.first() else { continue };
        assert!(top == "main" || layers.contains(top), "{top} is not declared in src/lib.rs as a layer");
    }
    for layer in layers {
        assert!(
            drawn.contains(&format!("{layer}/ ")) || drawn.contains(&format!("{layer}.rs ")),
            "docs/ARCHITECTURE.md lacks {layer}"
        );
    }
}

#[test]
fn planted_violations_are_caught() {
    let layers: Vec<String> = ["taxonomy", "document", "engine", "ui", "app"].map(str::to_owned).to_vec();
    let planted = [
        ("document/history.rs", "use crate::engine::Slot;"),
        ("document/history.rs", "use super::super::engine::Slot;"),
        ("document/mod.rs", "use super::ui;"),
        ("document/mod.rs", "fn f() { let x = crate::app::run(); }"),
        ("document/mod.rs", "use crate::{\n    taxonomy::Label,\n    engine::{self, Slot},\n};"),
        ("document/tools/brush.rs", "mod tests { use super::super::super::super::ui::Theme; }"),
        ("document/mod.rs", "use egui::Pos2;"),
        ("document/mod.rs", "use burn::tensor::Tensor;"),
        ("engine/mod.rs", "fn f(ui: &mut egui::Ui) {}"),
        ("engine/mod.rs", "use eframe;"),
        ("engine/mod.rs", "use egui_extras::image;"),
        ("engine/mod.rs", "const Q: char = '\"'; use crate::ui::Theme; // \""),
        ("engine/mod.rs", "const Q: &str = r#\"\"\"#; use crate::ui::Theme; // \""),
        ("engine/mod.rs", "const Q: char = '\\''; use crate::ui::Theme;"),
    ];
    for (file, source) in planted {
        let found = violations(source, Path::new(file), &layers);
        assert!(!found.is_empty(), "not caught: {file}: {source}");
    }
    let innocent = [
        ("engine/mod.rs", "use crate::document::LabelMap; use burn::tensor::Tensor; use self::slot::Slot;"),
        ("engine/handle.rs", "use super::slot::Slot; use crate::engine::protocol::LiveFrame;"),
        ("engine/handle.rs", "mod tests { use super::*; use super::super::slot::Slot; }"),
        ("document/mod.rs", "// use crate::ui::Theme;\n/* use egui::Ui; */ const T: &str = \"crate::ui::Theme\";"),
        ("document/mod.rs", "fn f<'a>(engine: &'a str) -> &'a str { engine }"),
        ("ui/mod.rs", "use egui::Ui; use crate::engine::Slot;"),
        ("app.rs", "use eframe::App; use crate::ui;"),
    ];
    for (file, source) in innocent {
        assert_eq!(violations(source, Path::new(file), &layers), Vec::<String>::new(), "{file}: {source}");
    }
}

//! Finding a command, a template, a sample or a model by typing parts of its name.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::files::template_title;
use super::{Action, Command, Dialog, EditorState, sentence_case};
use crate::engine::ModelRef;
use crate::model::Model;
use crate::session::sample_sessions;
use crate::templates::templates;

/// What is typed in the command palette, and which of the lines found is marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandSearch {
    /// As typed.
    pub query: String,
    /// Line of [`EditorState::found`]; 0 is the best.
    pub marked: usize,
}

/// What the user does in the command palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchCommand {
    /// The text is now this.
    Type(String),
    /// Mark another line, so many further down; the ends meet.
    Step(isize),
    /// Start a line.
    Choose(usize),
}

/// A line of the command palette.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is called.
    pub title: String,
    /// What kind of thing it is.
    pub category: &'static str,
    /// The action behind it; templates, samples and models have none.
    pub action: Option<Action>,
    /// Why it cannot be started now.
    pub disabled: Option<&'static str>,
    /// Characters of the title that the typed text matches, by index.
    pub matched: Vec<usize>,
    command: Command,
}

impl EditorState {
    pub(super) fn open_search(&mut self) {
        self.finish_edit();
        self.search = CommandSearch::default();
        self.dialog = Some(Dialog::CommandPalette);
    }

    /// Answers with the command to carry out, when one is chosen that can be.
    pub(super) fn search_command(&mut self, command: SearchCommand) -> Option<Command> {
        match command {
            SearchCommand::Type(query) => self.search = CommandSearch { query, marked: 0 },
            SearchCommand::Step(by) => {
                let lines = self.found().len();
                let from = self.search.marked.min(lines.saturating_sub(1));
                self.search.marked =
                    from.checked_add_signed(by).map_or(lines.saturating_sub(1), |to| to % lines.max(1));
            }
            SearchCommand::Choose(line) => {
                let chosen = self.found().into_iter().nth(line)?;
                if chosen.disabled.is_none() {
                    self.dialog = None;
                    return Some(chosen.command);
                }
            }
        }
        None
    }

    /// What the typed text finds, best first; everything when nothing is typed.
    pub fn found(&self) -> Vec<Found> {
        let everything = self.everything();
        if self.search.query.trim().is_empty() {
            return everything;
        }
        let mut config = Config::DEFAULT;
        config.prefer_prefix = true;
        let mut matcher = Matcher::new(config);
        let pattern = Pattern::new(&self.search.query, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        let scored = everything.into_iter().filter_map(|line| score(line, &pattern, &mut matcher));
        let mut scored: Vec<_> = scored.collect();
        // What can be started goes before what matches as well but cannot. The sort keeps the order of equals.
        scored.sort_by_key(|(score, line)| (std::cmp::Reverse(*score), line.disabled.is_some()));
        scored.into_iter().map(|(_, line)| line).collect()
    }

    fn everything(&self) -> Vec<Found> {
        let mut actions: Vec<_> = Action::ALL.into_iter().filter(|&action| action != Action::CommandPalette).collect();
        actions.sort_by_key(|action| action.category());
        let actions = actions.into_iter().map(|action| Found {
            title: action.info().title.trim_end_matches('…').to_owned(),
            category: action.category().title(),
            action: Some(action),
            disabled: action.disabled_reason(self),
            matched: Vec::new(),
            command: Command::Do(action),
        });
        let named = |title, category, command| Found {
            title,
            category,
            action: None,
            disabled: None,
            matched: Vec::new(),
            command,
        };
        let templates = templates()
            .iter()
            .map(|template| named(template_title(template.name), "Template", Command::UseTemplate(template.name)));
        let samples = sample_sessions()
            .iter()
            .map(|sample| named(sample.title.to_owned(), "Sample", Command::OpenSample(sample.name)));
        let models = Model::bundled_names()
            .into_iter()
            .map(|name| named(sentence_case(name), "Model", Command::LoadModel(ModelRef::Bundled(name.to_owned()))));
        actions.chain(templates).chain(samples).chain(models).collect()
    }
}

/// A match in the title counts for more than one that needs the category too. What cannot be started now counts for a
/// little less, so that it stays above poorer matches: Enter never starts something else than what was typed.
fn score(mut line: Found, pattern: &Pattern, matcher: &mut Matcher) -> Option<(u32, Found)> {
    let (mut characters, mut matched) = (Vec::new(), Vec::new());
    let mut score = match pattern.indices(Utf32Str::new(&line.title, &mut characters), matcher, &mut matched) {
        Some(score) => 2 * score,
        None => {
            let text = format!("{} {}", line.category, line.title);
            pattern.score(Utf32Str::new(&text, &mut characters), matcher)?
        }
    };
    if line.disabled.is_some() {
        score = score * 9 / 10;
    }
    line.matched = matched.into_iter().map(|index| index as usize).collect();
    Some((score, line))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::editor::apply;
    use crate::taxonomy::Taxonomy;

    fn found(query: &str) -> Vec<String> {
        let mut state = EditorState::new(Taxonomy::builtin("portrait").unwrap(), 1);
        apply(&mut state, Command::Do(Action::CommandPalette));
        apply(&mut state, Command::Search(SearchCommand::Type(query.to_owned())));
        state.found().into_iter().map(|line| line.title).collect()
    }

    #[test]
    fn the_exact_title_comes_first_even_if_it_cannot_be_started() {
        for (query, first) in
            [("undo", "Undo"), ("brush", "Brush"), ("reset layout", "Reset layout"), ("dress", "Dress")]
        {
            assert_eq!(found(query).first().map(String::as_str), Some(first), "{query}");
        }
        let seeds = found("latent seed");
        assert!(seeds.contains(&"Randomise seed".to_owned()), "the category may be typed too: {seeds:?}");
        assert!(found("zzqx").is_empty() && found("  ").len() > Action::ALL.len());
    }

    #[test]
    fn the_marked_line_goes_round_and_a_disabled_one_does_not_start() {
        let mut state = EditorState::new(Taxonomy::builtin("portrait").unwrap(), 1);
        apply(&mut state, Command::Do(Action::CommandPalette));
        apply(&mut state, Command::Search(SearchCommand::Step(-1)));
        let last = state.found().len() - 1;
        assert_eq!(state.search.marked, last);
        apply(&mut state, Command::Search(SearchCommand::Step(1)));
        assert_eq!(state.search.marked, 0);
        apply(&mut state, Command::Search(SearchCommand::Type("undo".to_owned())));
        apply(&mut state, Command::Search(SearchCommand::Choose(0)));
        assert_eq!(state.dialog, Some(Dialog::CommandPalette));
        apply(&mut state, Command::Search(SearchCommand::Type("eraser".to_owned())));
        apply(&mut state, Command::Search(SearchCommand::Choose(0)));
        assert_eq!((state.dialog.clone(), Action::Eraser.is_on(&state)), (None, Some(true)));
    }
}

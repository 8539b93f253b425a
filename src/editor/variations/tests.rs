#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use super::*;
use crate::document::tools::PointerEvent;
use crate::document::{LatentPin, Point};
use crate::editor::dock::{DockLayout, Node, Part};
use crate::editor::tests::editor;
use crate::editor::{Command, FilesCommand, LatentCommand, PointerModifiers, apply};
use crate::engine::PicturePixels;

fn act(state: &mut EditorState, action: Action) -> Vec<Effect> {
    apply(state, Command::Do(action))
}

fn say(state: &mut EditorState, command: VariationCommand) -> Vec<Effect> {
    apply(state, Command::Variation(command))
}

fn tick(state: &mut EditorState) -> Vec<Effect> {
    apply(state, Command::Files(FilesCommand::Tick(Duration::from_secs(1))))
}

/// What was asked of the engine.
fn walls(effects: &[Effect]) -> Vec<&WallRequest> {
    let wall = |effect: &'_ Effect| matches!(effect, Effect::DrawWall(_));
    let walls = effects.iter().filter(|effect| wall(effect)).map(|effect| match effect {
        Effect::DrawWall(wall) => &**wall,
        _ => panic!(),
    });
    walls.collect()
}

/// An editor with the wall open, and what it asked for.
fn open(entropy: u64) -> (EditorState, WallRequest) {
    let mut state = editor(entropy);
    say(&mut state, VariationCommand::SetColumns(Columns::One));
    act(&mut state, Action::PanelVariations);
    let effects = tick(&mut state);
    let [wall] = walls(&effects)[..] else { panic!("{effects:?}") };
    let wall = wall.clone();
    (state, wall)
}

fn drawn(wall: &WallRequest, tiles: std::ops::Range<usize>) -> VariationCommand {
    // The red of a tile is the number of its row.
    let picture = |id: u64| PicturePixels { width: 1, height: 1, rgba: [(id >> 8) as u8, 0, 0, 255].into() };
    let pictures = wall.tiles[tiles].iter().map(|tile| WallPicture { id: tile.id, picture: picture(tile.id) });
    VariationCommand::Drawn { number: wall.number, pictures: pictures.collect() }
}

fn at(row: usize) -> TileAt {
    TileAt { row, column: 0 }
}

fn view(state: &EditorState, at: TileAt) -> TileView {
    state.variation(at, &state.variation_columns()[at.column]).unwrap()
}

fn dab(state: &mut EditorState, event: PointerEvent) -> Vec<Effect> {
    apply(state, Command::Pointer(event, PointerModifiers::default()));
    tick(state)
}

#[test]
fn the_wall_is_asked_for_while_it_is_open_and_fills_in() {
    let mut state = editor(71);
    assert!(walls(&tick(&mut state)).is_empty(), "nobody looks at it");
    let (mut state, wall) = open(71);
    assert_eq!((wall.tiles.len(), &wall.labels), (24, &state.document.labels));
    let mut seeds: Vec<u64> = wall.tiles.iter().map(|tile| tile.latent.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    assert!(seeds.len() > 20, "fresh seeds: {seeds:?}");
    assert!(walls(&tick(&mut state)).is_empty(), "nothing has changed");
    assert_eq!(state.variations_drawn(), 0.0);
    say(&mut state, drawn(&wall, 0..6));
    assert_eq!(state.variations_drawn(), 0.25);
    assert!(view(&state, at(5)).is_current && view(&state, at(6)).frame.is_none());

    // Closed: the engine is told once. Open again: only what is missing.
    act(&mut state, Action::PanelVariations);
    let effects = tick(&mut state);
    assert!(walls(&effects)[0].tiles.is_empty() && walls(&tick(&mut state)).is_empty());
    act(&mut state, Action::PanelVariations);
    assert_eq!(walls(&tick(&mut state))[0].tiles, wall.tiles[6..]);
}

#[test]
fn a_stroke_stops_the_wall_at_once_and_asks_anew_when_it_is_finished() {
    let (mut state, wall) = open(72);
    say(&mut state, drawn(&wall, 0..24));
    let place = Point::new(250.0, 250.0);
    let effects = dab(&mut state, PointerEvent::Press { at: place, extend: false, constrain: false });
    assert!(matches!(walls(&effects)[..], [stopped] if stopped.tiles.is_empty()), "{effects:?}");
    for x in 0..20 {
        let there = Point::new(250.0 + x as f32, 260.0);
        let effects = dab(&mut state, PointerEvent::Move { at: there, constrain: false });
        assert!(walls(&effects).is_empty(), "nothing is asked for while one paints");
    }
    let effects = dab(&mut state, PointerEvent::Release { at: place });
    let [new] = walls(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((new.tiles.len(), &new.labels), (24, &state.document.labels));
    assert!(new.labels != wall.labels && new.tiles[0].latent == wall.tiles[0].latent);
    let tile = view(&state, at(0));
    assert!(tile.frame.is_some() && !tile.is_current, "the old picture stays, marked as old");

    // Late answers to the old question are dropped.
    let new = new.clone();
    say(&mut state, drawn(&wall, 0..24));
    assert!(!view(&state, at(0)).is_current);
    say(&mut state, drawn(&new, 0..24));
    assert!(view(&state, at(0)).is_current);

    // A latent changes nothing on the wall, and an undone stroke brings nothing back that is not drawn.
    act(&mut state, Action::RandomSeed);
    assert!(walls(&tick(&mut state)).is_empty());
    act(&mut state, Action::Undo);
    act(&mut state, Action::Undo);
    assert_eq!(walls(&tick(&mut state))[0].labels, wall.labels);
}

#[test]
fn attributes_and_another_model_outdate_the_wall() {
    let (mut state, wall) = open(73);
    say(&mut state, drawn(&wall, 0..24));
    apply(&mut state, Command::SetStrength { attribute: 7, value: 0.5 });
    assert!(walls(&tick(&mut state))[0].tiles.is_empty(), "while the slider is dragged");
    apply(&mut state, Command::FinishEdit);
    let effects = tick(&mut state);
    let asked = walls(&effects);
    assert_eq!((asked[0].tiles.len(), asked[0].tiles[0].attributes[7]), (24, 0.5));
    let mut model = state.model.loaded.clone().unwrap();
    model.hash = "another".to_owned();
    apply(&mut state, Command::ModelLoaded(Box::new(model)));
    let effects = tick(&mut state);
    assert_eq!(walls(&effects)[0].tiles.len(), 24);
    let number = state.variations.number;
    say(&mut state, VariationCommand::Failed { number: number - 1, message: "old".to_owned() });
    assert!(state.variations.failure().is_none());
    say(&mut state, VariationCommand::Failed { number, message: "no".to_owned() });
    assert_eq!(state.variations.failure(), Some("no"));
}

#[test]
fn taking_one_is_one_undo_step_and_keeps_what_was_put_aside() {
    let (mut state, wall) = open(74);
    act(&mut state, Action::PinA);
    let before = state.document.clone();
    let entries = state.history.entries().count();
    say(&mut state, VariationCommand::Take(at(3)));
    let latent = &state.document.latent;
    assert_eq!((latent.seed, &latent.pins), (wall.tiles[3].latent.seed, &before.latent.pins));
    assert_eq!((state.history.entries().count(), state.history.undo_label()), (entries + 1, Some("Variation")));
    assert!(view(&state, at(3)).is_taken && !view(&state, at(4)).is_taken);
    act(&mut state, Action::Undo);
    assert_eq!(state.document, before);

    act(&mut state, Action::ToggleLatentLock);
    let effects = say(&mut state, VariationCommand::Take(at(3)));
    assert!(state.document == before && matches!(effects[..], [Effect::Notify(_)]));
    say(&mut state, VariationCommand::Take(TileAt { row: 999, column: 7 }));
    assert_eq!(state.document, before);
}

#[test]
fn pinned_ones_stay_and_more_like_this_looks_closer() {
    let (mut state, wall) = open(75);
    say(&mut state, drawn(&wall, 0..24));
    say(&mut state, VariationCommand::Point(Some(at(2))));
    act(&mut state, Action::PinVariation);
    assert_eq!(Action::PinVariation.is_on(&state), Some(true));
    let effects = act(&mut state, Action::RollVariations);
    let [rolled] = walls(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(rolled.tiles.len(), 23, "the pinned picture need not be drawn again");
    assert!(view(&state, at(2)).is_current && view(&state, at(1)).frame.is_none());

    let entries = state.history.entries().count();
    let chosen = state.variations.rows[5].latent.clone();
    say(&mut state, VariationCommand::MoreLike(at(5)));
    assert_eq!((state.document.latent.seed, state.history.entries().count()), (chosen.seed, entries + 1));
    let Reach::Near(first) = state.variations.reach else { panic!() };
    let near = &state.variations.rows[5].latent;
    assert!(near.seed == chosen.seed && near.offsets.len() == 16, "of its person, moved along all directions");
    say(&mut state, VariationCommand::MoreLike(at(6)));
    assert!(matches!(state.variations.reach, Reach::Near(closer) if closer < first));
    assert!(state.variations.rows[2].pinned && state.variations.rows[2].latent == wall.tiles[2].latent);
}

#[test]
fn distance_moves_the_same_variations_and_blends_stay_blends() {
    let (mut state, _) = open(76);
    let pin = |seed| Some(LatentPin { seed, ..LatentPin::default() });
    state.document.latent.pins = [pin(1), pin(2)];
    apply(&mut state, Command::Latent(LatentCommand::SetBlend(0.25)));
    apply(&mut state, Command::FinishEdit);
    say(&mut state, VariationCommand::SetReach(Reach::NEAR));
    let offset = |state: &EditorState| {
        let latent = &state.variations.rows[0].latent;
        assert_eq!(latent.blend, Some(0.25));
        latent.pins[0].as_ref().unwrap().offsets[0]
    };
    let near = offset(&state);
    say(&mut state, VariationCommand::SetReach(Reach::Near(0.3)));
    assert!((offset(&state) - near / 2.0).abs() < 1e-6, "half as far in the same direction");
    for wrong in [f32::NAN, f32::INFINITY] {
        say(&mut state, VariationCommand::SetReach(Reach::Near(wrong)));
        assert_eq!(state.variations.reach, Reach::Near(0.3));
    }
    say(&mut state, VariationCommand::SetReach(Reach::Near(99.0)));
    assert_eq!(state.variations.reach, Reach::Near(*DISTANCE_RANGE.end()));
    say(&mut state, VariationCommand::Take(at(0)));
    assert_eq!(state.document.latent, state.variations.rows[0].latent);
}

#[test]
fn columns_are_attribute_sets_and_their_tiles_bring_them_along() {
    let mut state = editor(77);
    assert_eq!(state.columns_of_variations(), Columns::Group(0), "so much can be told from the first look");
    act(&mut state, Action::PanelVariations);
    let effects = tick(&mut state);
    let [wall] = walls(&effects)[..] else { panic!("{effects:?}") };
    let wall = wall.clone();
    assert_eq!(wall.tiles.len(), VARIATIONS_MAX, "sixteen latents with six hair colours");
    assert!(wall.tiles[..6].iter().all(|tile| tile.latent == wall.tiles[0].latent), "neighbours share their latent");
    say(&mut state, drawn(&wall, 0..96));
    assert_eq!(state.variations_drawn(), 1.0);
    let red = TileAt { row: 2, column: 3 };
    assert_eq!(state.variation_columns()[3].caption, "Red");
    say(&mut state, VariationCommand::Take(red));
    assert_eq!(state.document.attributes[..5], [0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(state.document.latent.seed, wall.tiles[12].latent.seed);
    assert!(view(&state, red).is_taken && !view(&state, TileAt { row: 2, column: 1 }).is_taken);
    assert!(walls(&tick(&mut state)).is_empty(), "the columns are what they were");
    say(&mut state, VariationCommand::SetColumns(Columns::One));
    assert_eq!(state.variation_rows(), 24);
    for _ in 0..9 {
        say(&mut state, VariationCommand::ShowMore);
    }
    assert_eq!(state.variation_rows(), VARIATIONS_MAX);
}

#[test]
fn the_pointer_shows_a_tile_in_the_place_of_the_result_and_saving_writes_it() {
    let (mut state, wall) = open(78);
    say(&mut state, drawn(&wall, 0..3));
    assert!(state.previewed_frame().is_none());
    let generation = state.live.wanted;
    say(&mut state, VariationCommand::Point(Some(at(1))));
    let pixels = state.shown_frame().unwrap().picture.pixels().unwrap()[0];
    assert_eq!(
        (u64::from(pixels), state.live.wanted),
        (wall.tiles[1].id >> 8, generation),
        "nothing is rendered for it"
    );
    say(&mut state, VariationCommand::Point(Some(at(9))));
    assert!(state.previewed_frame().is_none() && !Action::SaveVariation.is_enabled(&state), "it is not drawn yet");
    say(&mut state, VariationCommand::Point(Some(at(1))));
    say(&mut state, VariationCommand::Point(None));
    assert!(state.previewed_frame().is_none());

    // Keys are about the tile pointed at last.
    let effects = act(&mut state, Action::SaveVariation);
    let [Effect::Io(IoJob { path: None, task: IoTask::Export { picture, session, .. } })] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((picture.width, session.document.latent.seed), (1, wall.tiles[1].latent.seed));
    assert_ne!(session.document.latent.seed, state.document.latent.seed);
}

#[test]
fn the_wall_rests_behind_another_tab_and_goes_on_in_front() {
    let (mut state, wall) = open(71);
    say(&mut state, drawn(&wall, 0..3));
    let arranged = |front: usize| {
        let tabs = [Panel::Variations, Panel::History].map(Node::Panel).into();
        let parts = vec![Part(1.0, Node::Panel(Panel::Canvas)), Part(300.0, Node::Tabs(tabs, front))];
        let layout = DockLayout { root: Node::Row(parts), hidden: [].into() };
        Command::LayoutChanged(layout.to_text())
    };
    apply(&mut state, arranged(0));
    assert!(walls(&tick(&mut state)).is_empty(), "it was moved and is still seen");
    apply(&mut state, arranged(1));
    let effects = tick(&mut state);
    assert!(walls(&effects)[0].tiles.is_empty(), "the engine leaves it");
    assert!(walls(&tick(&mut state)).is_empty());
    act(&mut state, Action::RollVariations);
    assert!(state.dock().is_in_front(Panel::Variations), "rolling shows what is rolled");
    apply(&mut state, arranged(1));
    tick(&mut state);
    apply(&mut state, arranged(0));
    let effects = tick(&mut state);
    assert_eq!(walls(&effects)[0].tiles.len(), wall.tiles.len(), "it goes on");
}

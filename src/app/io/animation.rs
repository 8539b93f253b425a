//! Writing an animation takes a while, so it has a thread of its own and files go on being saved meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use super::Outbox;
use crate::editor::{ExportTicket, IoDone};
use crate::export::{Animation, AnimationFormat, ExportSettings, export_animation};
use crate::panic_message::panic_message;

/// Starts the thread, named `export`; its answer is [`IoDone::AnimationWritten`].
pub(super) fn write(
    outbox: &Outbox,
    path: PathBuf,
    format: AnimationFormat,
    animation: Box<Animation>,
    settings: ExportSettings,
    ticket: Arc<ExportTicket>,
) {
    let (answer, own) = (outbox.clone(), Arc::clone(&ticket));
    let work = move || {
        let export = || {
            export_animation(&path, format, &animation, &settings, &mut |done, _| {
                (answer.wake)();
                own.wrote(done)
            })
        };
        let error = match catch_unwind(AssertUnwindSafe(export)) {
            Ok(outcome) => outcome.err().map(|error| error.to_string()),
            Err(panic) => Some(format!(
                "{}: the export failed: {}; choose another format",
                path.display(),
                panic_message(panic.as_ref())
            )),
        };
        answer.answer(IoDone::AnimationWritten { ticket: own, error });
    };
    if let Err(error) = thread::Builder::new().name("export".to_owned()).spawn(work) {
        let error = Some(format!("the export cannot be started: {error}; close other programs and try again"));
        outbox.answer(IoDone::AnimationWritten { ticket, error });
    }
}

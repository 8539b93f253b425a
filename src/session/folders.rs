//! The program's own folders: preferences in one, recovery files and logs in another.

use std::env;
use std::path::PathBuf;

use directories::ProjectDirs;

const NAME: &str = "scgan";

/// Where recovery files, locks and logs lie: `SCGAN_STATE_DIR` if set, else the system's place for state. `None` where
/// there is no home folder.
pub fn state_folder() -> Option<PathBuf> {
    overridden("SCGAN_STATE_DIR").or_else(|| {
        let folders = ProjectDirs::from("", "", NAME)?;
        Some(folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).to_path_buf())
    })
}

/// Where the preferences lie: `SCGAN_CONFIG_DIR` if set, else the system's place for configuration. `None` where there
/// is no home folder.
pub fn config_folder() -> Option<PathBuf> {
    overridden("SCGAN_CONFIG_DIR").or_else(|| Some(ProjectDirs::from("", "", NAME)?.config_dir().to_path_buf()))
}

/// The preferences' file.
pub fn preferences_file() -> Option<PathBuf> {
    Some(config_folder()?.join("preferences.ron"))
}

fn overridden(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

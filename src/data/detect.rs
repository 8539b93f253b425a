//! Which format a folder is, by looking at what lies in it.

use super::{DataError, ccp, celeba, celebamask, fashion_synthesis, folder, lapa, multimodal, shards};
use std::path::{Path, PathBuf};

/// The most names of a folder that an error lists, and the most subfolders that are looked into.
const LISTED: usize = 12;
const MAX_SUBFOLDERS: usize = 100;

/// A layout of folders and files that data sets come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `images/`, `masks/`, `attributes.csv`, and an optional `taxonomy.ron`: what our own tools write.
    Plain,
    /// CelebA with the masks of SCGAN's authors.
    CelebA,
    /// CelebAMask-HQ with a file per part.
    CelebAMaskParts,
    /// CelebAMask-HQ with the parts merged into one mask.
    CelebAMaskMerged,
    /// DeepFashion's Fashion Synthesis Benchmark: HDF5 and MATLAB files.
    FashionSynthesis,
    /// Clothing Co-Parsing.
    ClothingCoParsing,
    /// LaPa.
    Lapa,
    /// DeepFashion-MultiModal.
    MultiModal,
    /// Packed shards, which `dataset convert` writes.
    Shards,
}

impl Format {
    /// All of them, in the order they are looked for: those that others resemble come last.
    pub const ALL: [Self; 9] = [
        Self::Shards,
        Self::FashionSynthesis,
        Self::CelebAMaskParts,
        Self::CelebAMaskMerged,
        Self::CelebA,
        Self::ClothingCoParsing,
        Self::MultiModal,
        Self::Lapa,
        Self::Plain,
    ];

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Plain => "plain folder",
            Self::CelebA => "CelebA",
            Self::CelebAMaskParts => "CelebAMask-HQ (a mask per part)",
            Self::CelebAMaskMerged => "CelebAMask-HQ (merged masks)",
            Self::FashionSynthesis => "DeepFashion Fashion Synthesis",
            Self::ClothingCoParsing => "Clothing Co-Parsing",
            Self::Lapa => "LaPa",
            Self::MultiModal => "DeepFashion-MultiModal",
            Self::Shards => "packed shards",
        }
    }

    /// What it is recognised by, for people.
    pub fn signs(self) -> &'static str {
        match self {
            Self::Plain => "images/ and masks/",
            Self::CelebA => {
                "img_align_celeba/ or images/ with list_attr_celeba.txt, list_attr_celeba_s.txt or segmentation/"
            }
            Self::CelebAMaskParts => "CelebA-HQ-img/ and CelebAMask-HQ-mask-anno/",
            Self::CelebAMaskMerged => "images/0.jpg and masks/0.png without attributes.csv and taxonomy.ron",
            Self::FashionSynthesis => "G2.h5",
            Self::ClothingCoParsing => "photos/ and annotations/pixel-level/",
            Self::Lapa => "images/ and labels/, also within train/, val/ and test/",
            Self::MultiModal => "images/ and segm/ or parsing/",
            Self::Shards => "*.scgshard",
        }
    }

    fn is(self, root: &Path) -> bool {
        match self {
            Self::Plain => folder::is_plain(root),
            Self::CelebA => celeba::is_celeba(root),
            Self::CelebAMaskParts => celebamask::is_parts(root),
            Self::CelebAMaskMerged => celebamask::is_merged(root),
            Self::FashionSynthesis => fashion_synthesis::is_fashion_synthesis(root),
            Self::ClothingCoParsing => ccp::is_ccp(root),
            Self::Lapa => lapa::is_lapa(root),
            Self::MultiModal => multimodal::is_multimodal(root),
            Self::Shards => shards::is_shards(root),
        }
    }

    fn of(root: &Path) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.is(root))
    }
}

/// The format of the data set in a folder, or in the one folder in it that holds one. Only names are looked at.
///
/// # Errors
/// The folder cannot be read, no format is known by what lies there (the error says what was looked for and what is there),
/// or several of its folders hold data sets.
pub fn detect(path: &Path) -> Result<Format, DataError> {
    locate(path).map(|(format, _)| format)
}

/// As [`detect`], with the folder that holds the data set.
pub(super) fn locate(path: &Path) -> Result<(Format, PathBuf), DataError> {
    // Who points at the HDF5 file means the folder around it.
    let path = match path.parent() {
        Some(parent) if path.extension().is_some_and(|extension| extension == "h5") && path.is_file() => parent,
        _ => path,
    };
    let mut names = names_in(path)?;
    if let Some(format) = Format::of(path) {
        return Ok((format, path.to_path_buf()));
    }
    let below = names.iter().filter(|(_, is_folder)| *is_folder).take(MAX_SUBFOLDERS);
    let below = below.map(|(name, _)| path.join(name));
    let found: Vec<(Format, PathBuf)> = below.filter_map(|folder| Some((Format::of(&folder)?, folder))).collect();
    let problem = match &found[..] {
        [one] => return Ok(one.clone()),
        [] => {
            let looked_for = Format::ALL.map(|format| format!("{} ({})", format.signs(), format.title())).join("; ");
            names.truncate(LISTED + 1);
            format!("it holds {}; looked for, here and one folder down: {looked_for}", shown(&names))
        }
        several => {
            let each = several.iter().map(|(format, folder)| format!("{} ({})", folder.display(), format.title()));
            format!("several data sets are in it; choose one: {}", each.take(LISTED).collect::<Vec<_>>().join(", "))
        }
    };
    Err(DataError::Spec { spec: path.display().to_string(), problem })
}

/// Names that are not hidden, sorted, with whether each is a folder.
fn names_in(folder: &Path) -> Result<Vec<(String, bool)>, DataError> {
    let mut names = Vec::new();
    for entry in folder.read_dir().map_err(DataError::io(folder))? {
        let entry = entry.map_err(DataError::io(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type();
        // A link may lead to a folder; there are few here, so it may be followed.
        let is_folder = kind.is_ok_and(|kind| kind.is_dir() || kind.is_symlink() && entry.path().is_dir());
        if !name.starts_with('.') {
            names.push((name, is_folder));
        }
    }
    names.sort();
    Ok(names)
}

fn shown(names: &[(String, bool)]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let listed =
        names.iter().take(LISTED).map(|(name, is_folder)| format!("{name}{}", if *is_folder { "/" } else { "" }));
    let more = if names.len() > LISTED { ", …" } else { "" };
    format!("{}{more}", listed.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::fs;

    fn layout(paths: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for path in paths {
            let at = folder.path().join(path);
            fs::create_dir_all(if path.ends_with('/') { at.as_path() } else { at.parent().unwrap() }).unwrap();
            if !path.ends_with('/') {
                fs::write(at, "").unwrap();
            }
        }
        folder
    }

    #[test]
    fn each_layout_is_recognised() {
        for (paths, expected) in [
            (&["images/", "masks/"][..], Format::Plain),
            (&["shard-00000.scgshard"], Format::Shards),
            (&["images/0.jpg", "masks/0.png", "attributes.csv"], Format::Plain),
            (&["images/0.jpg", "masks/0.png"], Format::CelebAMaskMerged),
            (&["images/x.jpg", "masks/x.png", "CelebAMask-HQ-attribute-anno.txt"], Format::CelebAMaskMerged),
            (&["CelebA-HQ-img/", "CelebAMaskHQ-mask-anno/"], Format::CelebAMaskParts),
            (&["CelebA-HQ-img/", "CelebAMask-HQ-mask-anno/"], Format::CelebAMaskParts),
            (&["img_align_celeba/", "list_attr_celeba.txt"], Format::CelebA),
            (&["Img/img_align_celeba/", "Anno/list_attr_celeba.txt"], Format::CelebA),
            (&["images/", "segmentation/"], Format::CelebA),
            (&["G2.h5"], Format::FashionSynthesis),
            (&["Img/G2.h5", "Anno/ind.mat"], Format::FashionSynthesis),
            (&["photos/", "annotations/pixel-level/"], Format::ClothingCoParsing),
            (&["images/", "labels/"], Format::Lapa),
            (&["train/images/", "train/labels/"], Format::Lapa),
            (&["images/", "labels/", "segm/"], Format::MultiModal),
            (&["images/", "labels/shape/", "parsing/"], Format::MultiModal),
        ] {
            let folder = layout(paths);
            assert_eq!(detect(folder.path()).unwrap(), expected, "{paths:?}");
            let parent = layout(&[]);
            fs::rename(folder.path(), parent.path().join("inner")).unwrap();
            let (format, root) = locate(parent.path()).unwrap();
            assert_eq!((format, root), (expected, parent.path().join("inner")), "{paths:?}");
        }
    }

    #[test]
    fn what_is_unknown_is_shown() {
        let error = detect(layout(&["pictures/", "notes.txt"]).path()).unwrap_err().to_string();
        assert!(error.contains("it holds notes.txt, pictures/; looked for"), "{error}");
        assert!(Format::ALL.iter().all(|format| error.contains(format.title())), "{error}");
        assert!(detect(layout(&[]).path()).unwrap_err().to_string().contains("it holds nothing"));
        let two = layout(&["a/images/", "a/masks/", "b/photos/", "b/annotations/pixel-level/"]);
        let error = detect(two.path()).unwrap_err().to_string();
        assert!(error.contains("several") && error.contains("a (plain folder)"), "{error}");
        assert!(matches!(detect(&two.path().join("c")), Err(DataError::Io { .. })));
        let file = layout(&["Img/G2.h5"]);
        assert_eq!(detect(&file.path().join("Img/G2.h5")).unwrap(), Format::FashionSynthesis);
    }
}

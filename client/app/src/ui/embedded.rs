//! The fonts and the video shader that the binary carries, so that it runs from anywhere.

use std::path::{Path, PathBuf};

use bevy::{asset::io::embedded::EmbeddedAssetRegistry, prelude::*, text::FontCx};
use parley::{
    GenericFamily,
    fontique::{Blob, Script},
};

/// The family that all text is set in.
pub const TEXT: &str = "Inter";
/// The family whose letters are icons.
pub const ICONS: &str = "lucide";
/// The asset path of the video shader.
pub const VIDEO_SHADER: &str = "embedded://incamera/video.wgsl";

const FONTS: [&[u8]; 8] = [
    include_bytes!("../../../../assets/fonts/Inter-Regular.ttf"),
    include_bytes!("../../../../assets/fonts/Inter-Medium.ttf"),
    include_bytes!("../../../../assets/fonts/Inter-SemiBold.ttf"),
    include_bytes!("../../../../assets/fonts/Inter-Bold.ttf"),
    include_bytes!("../../../../assets/fonts/Lucide.ttf"),
    include_bytes!("../../../../assets/fonts/Twemoji.ttf"),
    include_bytes!("../../../../assets/fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../../../../assets/fonts/NotoSansHebrew-Regular.ttf"),
];

/// Families that stand in for scripts which the text family lacks.
const FALLBACKS: [(&str, &str); 2] = [("Arab", "Noto Sans Arabic"), ("Hebr", "Noto Sans Hebrew")];

/// Fonts for these are too large to carry: the machine's own is used where it has one.
const EAST_ASIAN: [&str; 5] = ["Hani", "Hira", "Kana", "Hang", "Bopo"];

/// Where systems keep such a font.
const EAST_ASIAN_FONTS: [&str; 13] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/AppleSDGothicNeo.ttc",
    "C:\\Windows\\Fonts\\msyh.ttc",
    "C:\\Windows\\Fonts\\YuGothM.ttc",
    "C:\\Windows\\Fonts\\malgun.ttf",
];

fn east_asian() -> Option<Vec<u8>> {
    EAST_ASIAN_FONTS.iter().find_map(|path| std::fs::read(path).ok())
}

/// Registers everything; needs the asset and text plugins before it.
#[expect(clippy::expect_used, reason = "names and codes are constants, and fonts are part of the program")]
pub fn plugin(app: &mut App) {
    app.world().resource::<EmbeddedAssetRegistry>().insert_asset(
        PathBuf::new(),
        Path::new("incamera/video.wgsl"),
        include_bytes!("../../../../assets/shaders/video.wgsl").as_slice(),
    );
    let mut fonts = app.world_mut().resource_mut::<FontCx>();
    for font in FONTS {
        fonts.collection.register_fonts(Blob::from(font.to_vec()), None);
    }
    for (script, family) in FALLBACKS {
        let script: Script = script.parse().expect("an ISO 15924 code");
        let family = fonts.collection.family_id(family);
        fonts.collection.append_fallbacks(script, family.into_iter());
    }
    if let Some(font) = east_asian() {
        let families = fonts.collection.register_fonts(Blob::from(font), None);
        for script in EAST_ASIAN {
            let script: Script = script.parse().expect("an ISO 15924 code");
            fonts.collection.append_fallbacks(script, families.iter().map(|(family, _)| *family));
        }
    }
    fonts.set_generic_family(GenericFamily::Emoji, "Twemoji Mozilla").expect("registered above");
    fonts.set_sans_serif_family(TEXT).expect("registered above");
}

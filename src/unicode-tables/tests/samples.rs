//! A few telling values; the complete comparison is whole_range.rs.

use unicode_tables::*;

const NOW: Version = Version::Current;

#[test]
fn properties() {
    assert_eq!((category(0x41, NOW), bidirectional(0x627, NOW), east_asian_width(0x4E00, NOW)), ("Lu", "AL", "W"));
    assert_eq!((numeric_value(0xBD, NOW), numeric_value(0x41, NOW)), (Some(0.5), None));
    assert_eq!((category(0x221, NOW), category(0x221, Version::V3_2)), ("Ll", "Cn"));
    assert_eq!(category(u32::MAX, NOW), "Cn");
    assert!(is_printable(0xE9) && !is_printable(0xD800) && !is_alpha(u32::MAX));
}

#[test]
fn case_mappings() {
    assert_eq!(upper_full(0xDF).as_slice(), [0x53, 0x53]);
    assert_eq!((upper_simple(0xDF), lower_simple(0x130), title_simple(0x1C6)), (0xDF, 0x69, 0x1C5));
    assert_eq!(fold_full(0x1E9E).as_slice(), [0x73, 0x73]);
    assert!(is_final_sigma([0x41], [0x2E]) && !is_final_sigma([0x41], [0x2E, 0x42]) && !is_final_sigma([], []));
}

#[test]
fn normal_forms() {
    assert_eq!(normalize(Form::Nfd, &[0xE9, 0xAC01], NOW).unwrap(), [0x65, 0x301, 0x1100, 0x1161, 0x11A8]);
    assert_eq!(normalize(Form::Nfc, &[0x65, 0x323, 0x301, 0x1100, 0x1161, 0x11A8], NOW).unwrap(), [0x1EB9, 0x301, 0xAC01]);
    assert_eq!(normalize(Form::Nfkc, &[0xFB01, 0xD800], NOW).unwrap(), [0x66, 0x69, 0xD800]);
    assert_eq!(decomposition_text(0xA0, NOW), "<noBreak> 0020");
    assert_eq!(quick_check(Form::Nfc, [0x65, 0x301]), QuickCheck::Maybe);
    assert_eq!(normalize_identifier(&[0xFB01]).as_deref(), Some([0x66, 0x69].as_slice()));
}

#[test]
fn names() {
    assert_eq!(name(0x1F600, NOW).as_deref(), Some("GRINNING FACE"));
    assert_eq!(name(0xD4DB, NOW).as_deref(), Some("HANGUL SYLLABLE PWILH"));
    assert_eq!(name(0x4E00, NOW).as_deref(), Some("CJK UNIFIED IDEOGRAPH-4E00"));
    assert_eq!(name(0xE000, NOW), None);
    assert_eq!(lookup("tibetan mark bka- shog yig mgo", false, false), Some(Named::Character(0xF0A)));
    assert_eq!(lookup("NULL", true, false), Some(Named::Character(0)));
    assert_eq!(lookup("NULL", false, true), None);
    assert_eq!(lookup("KEYCAP DIGIT ONE", false, true).unwrap().code_points(), [0x31, 0xFE0F, 0x20E3]);
}

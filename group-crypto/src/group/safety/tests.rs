use super::*;

const ANN: [u8; 32] = [1; 32];
const BEA: [u8; 32] = [2; 32];

fn pair() -> (Safety, Safety) {
    (Safety::of(b"room", &ANN, &BEA), Safety::of(b"room", &BEA, &ANN))
}

#[test]
fn each_side_sees_its_own_half_and_the_others() {
    let (ann, bea) = pair();
    assert_eq!(ann.code, bea.code);
    assert_eq!((ann.mine, ann.theirs), (bea.theirs, bea.mine));
    assert_ne!(ann.mine, ann.theirs);
    assert_ne!(ann.comparison, bea.comparison);
    for other in [Safety::of(b"other", &ANN, &BEA), Safety::of(b"room", &ANN, &[3; 32])] {
        assert_ne!(ann.code, other.code);
        assert!(ann.mine != other.mine && ann.theirs != other.theirs && ann.comparison != other.comparison);
    }
}

#[test]
fn the_values_of_a_pair_never_change() {
    // Somebody may have compared them with an older version, and read them to a newer one.
    let (ann, _) = pair();
    assert_eq!(ann.code.to_string(), "01122 69801 52102 17565 33116 92811 51247 70398 55501 50842 84490 90042");
    assert_eq!(ann.mine.to_string(), "hello toy elite board easily smart");
    assert_eq!(ann.theirs.to_string(), "long car issue tuition direct modify");
    assert_eq!(
        ann.comparison.to_string(),
        "incamera://verify#aen22qdmpgrtgj3ho2ohozdg6tdpef6je6eqtfd4jj4w7vxstmulduqvroja"
    );
}

#[test]
fn whatever_the_other_shows_or_reads_is_compared() {
    let (ann, bea) = pair();
    let digits = bea.code.to_string();
    let words = bea.mine.to_string();
    let short: Vec<&str> = bea.mine.iter().map(|word| &word[..word.len().min(4)]).collect();
    let shown = bea.comparison.to_string();
    for same in [
        digits.clone(),
        digits.replace(' ', ""),
        digits.replace(' ', "\n"),
        words.clone(),
        format!(" {} ", words.to_uppercase().replace(' ', ",  ")),
        short.join("-"),
        shown.clone(),
        shown.to_uppercase(),
    ] {
        assert_eq!(ann.compare(&same), Ok(Compared::Same), "{same}");
    }
    let other = Safety::of(b"room", &BEA, &[3; 32]);
    for different in [other.code.to_string(), other.mine.to_string(), other.comparison.to_string()] {
        assert_eq!(ann.compare(&different), Ok(Compared::Different), "{different}");
    }
    // One digit and one word are enough.
    let last = if digits.ends_with('7') { "8" } else { "7" };
    assert_eq!(ann.compare(&format!("{}{last}", &digits[..digits.len() - 1])), Ok(Compared::Different));
    let (start, word) = words.rsplit_once(' ').unwrap();
    let changed = if word == "zoo" { "zero" } else { "zoo" };
    assert_eq!(ann.compare(&format!("{start} {changed}")), Ok(Compared::Different));
}

#[test]
fn the_own_code_proves_nothing_and_says_so() {
    let (ann, _) = pair();
    assert_eq!(ann.compare(&ann.mine.to_string()), Err(CodeError::Own));
    assert_eq!(ann.compare(&ann.comparison.to_string()), Err(CodeError::Own));
}

#[test]
fn what_cannot_be_compared_says_why() {
    let (ann, bea) = pair();
    let digits = bea.code.to_string();
    let words = bea.mine.to_string();
    let too_long = "1 ".repeat(MAX_SHOWN);
    for nothing in ["", " \n", "-- ..", "nobody", "incamera://join#abc", "1234x", "é", &too_long] {
        assert_eq!(ann.compare(nothing), Err(CodeError::NotACode), "{nothing}");
    }
    let (five, _) = words.rsplit_once(' ').unwrap();
    for part in [&digits[..digits.len() - 1], &format!("{digits}1"), "1", five, &format!("{words} zoo")] {
        assert_eq!(ann.compare(part), Err(CodeError::Incomplete), "{part}");
    }
    assert_eq!(ann.compare("incamera://verify#abc"), Err(CodeError::Damaged));
}

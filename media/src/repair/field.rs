//! Arithmetic in the field of 256 elements (RFC 5510, section 8.1: x^8 + x^4 + x^3 + x^2 + 1), and the code's coefficients.

const POLYNOMIAL: u16 = 0x11d;

/// Powers of the element 2, twice over so that sums of two logarithms need no reduction, and logarithms.
const TABLES: ([u8; 512], [u8; 256]) = {
    let (mut powers, mut logarithms) = ([0; 512], [0; 256]);
    let (mut value, mut n) = (1u16, 0);
    while n < 255 {
        powers[n] = value as u8;
        powers[n + 255] = value as u8;
        logarithms[value as usize] = n as u8;
        value <<= 1;
        if value > 255 {
            value ^= POLYNOMIAL;
        }
        n += 1;
    }
    (powers, logarithms)
};

pub(super) fn multiply(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    let (powers, logarithms) = (&TABLES.0, &TABLES.1);
    powers[usize::from(logarithms[usize::from(a)]) + usize::from(logarithms[usize::from(b)])]
}

/// The inverse of `a`; 0 has none, and gives 0.
pub(super) fn inverse(a: u8) -> u8 {
    if a == 0 { 0 } else { TABLES.0[255 - usize::from(TABLES.1[usize::from(a)])] }
}

/// `into += factor * from`, where the shorter one counts as filled up with zeros.
pub(super) fn add(into: &mut Vec<u8>, factor: u8, from: &[u8]) {
    if into.len() < from.len() {
        into.resize(from.len(), 0);
    }
    for (into, from) in into.iter_mut().zip(from) {
        *into ^= multiply(factor, *from);
    }
}

pub(super) fn scale(symbol: &mut [u8], factor: u8) {
    symbol.iter_mut().for_each(|byte| *byte = multiply(factor, *byte));
}

/// The coefficient with which frame number `column` is part of repair block number `row`, for rows below 128 and columns
/// below 64.
///
/// 1 / (x + y) with all x and y different: a Cauchy matrix, of which every square part can be inverted. So n blocks that
/// cover the same frames bring back any n of them.
pub(super) fn coefficient(row: u8, column: u8) -> u8 {
    inverse((row & 0x7f) ^ (0x80 | column & 0x3f))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_multiplied_can_be_divided() {
        for a in 1..=255 {
            assert_eq!(multiply(a, inverse(a)), 1);
            for b in 1..=255 {
                assert_eq!(multiply(multiply(a, b), inverse(b)), a);
            }
        }
        assert_eq!((multiply(0, 7), multiply(7, 0), inverse(0)), (0, 0, 0));
    }

    #[test]
    fn products_are_those_of_the_polynomial() {
        // 0x80 * 2 = x^8, which is x^4 + x^3 + x^2 + 1.
        assert_eq!(multiply(0x80, 2), 0x1d);
        assert_eq!(multiply(0x53, 0x8c), {
            let (mut product, mut a) = (0u16, 0x53u16);
            for bit in 0..8 {
                product ^= if 0x8c >> bit & 1 == 1 { a } else { 0 };
                a <<= 1;
                a ^= if a > 255 { POLYNOMIAL } else { 0 };
            }
            product as u8
        });
    }

    #[test]
    fn no_coefficient_is_zero() {
        assert!((0..128).all(|row| (0..64).all(|column| coefficient(row, column) != 0)));
    }
}

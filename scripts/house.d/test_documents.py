"""What compares the documents with the sources reads both."""

import unittest

import documents
import limits


class Documents(unittest.TestCase):
    def values(self, expression):
        return limits.evaluate(limits.parsed(expression), lambda path: [limits.number(7)])

    def test_expressions_of_constants_are_read(self):
        self.assertEqual(self.values("4 * 1024 * 1024"), [limits.number(4 << 20)])
        self.assertEqual(self.values("1 << 20"), [limits.number(1 << 20)])
        self.assertEqual(self.values("Duration::from_millis(1_500)"), [(limits.Fraction(3, 2), True)])
        self.assertEqual(self.values("Limit::per_second(2_500, 250)"), [limits.number(2500), limits.number(250)])
        self.assertEqual(self.values("Rate { burst: 64, each: Duration::from_secs(1) }"), [limits.number(64), (1, True)])
        self.assertEqual(self.values("2 * super::OTHER"), [limits.number(14)])

    def test_numbers_and_units_of_bounds_are_read(self):
        self.assertEqual(list(limits.stated("2,500 at once, then 4 MiB a second")), [limits.number(2500), limits.number(4 << 20)])
        self.assertEqual(list(limits.stated("1.5 s, 5 times, 2^48")), [(limits.Fraction(3, 2), True), limits.number(5), limits.number(2**48)])
        self.assertNotEqual(list(limits.stated("20 ms")), list(limits.stated("21 ms")))

    def test_anchors_are_those_of_headings(self):
        self.assertEqual(documents.anchors("# A room's life\n## Who: *what*?\n"), {"a-rooms-life", "who-what"})


if __name__ == "__main__":
    unittest.main()

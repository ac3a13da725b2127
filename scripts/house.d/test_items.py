"""Functions, structs, test code and paths are found where they are."""

import unittest

from items import read
from syntax import leaves, says_test


def functions(source: str) -> dict[str, int]:
    return {function.name: function.lines for function in read(source).functions}


class Functions(unittest.TestCase):
    def test_a_function_is_counted_from_its_name_to_its_brace(self):
        self.assertEqual(functions("/// Says.\n#[inline]\npub fn a(\n  b: u8,\n) {\n  { }\n}\n"), {"a": 5})

    def test_functions_are_named_by_the_type_that_has_them(self):
        source = (
            "impl<T: Fn(u8) -> u8> fmt::Debug for api::Room<T> where T: Copy { fn a() {} }\n"
            "trait B { fn c(&self); fn d() {} }"
        )
        self.assertEqual(functions(source), {"Room::a": 1, "B::c": 1, "B::d": 1})

    def test_modifiers_hide_no_function(self):
        source = (
            "pub(crate) const fn a() {}\npub async unsafe fn b() {}\n"
            'extern "C" fn c() {}\nconst D: [u8; 2] = { [1, 2] };\nfn e() {}'
        )
        self.assertEqual(set(functions(source)), {"a", "b", "c", "e"})

    def test_constants_and_macros_between_functions_are_stepped_over(self):
        source = (
            "static A: &[fn()] = &[|| { }];\nmacro_rules! m { () => { fn no() {} } }\n"
            "m!();\nthread_local! { static B: u8 = 0; }\nfn c() {}"
        )
        self.assertEqual(set(functions(source)), {"c"})

    def test_test_functions_are_told_from_others(self):
        source = "#[tokio::test(start_paused = true)]\nasync fn a() {}\n#[test]\nfn b() {}\nfn c() {}"
        self.assertEqual([function.is_test for function in read(source).functions], [True, True, False])


class Structs(unittest.TestCase):
    def counted(self, source: str) -> tuple[int, int]:
        struct = read(source).structs[0]
        return struct.fields, struct.public_fields

    def test_every_visibility_but_private_is_public(self):
        source = (
            "struct A<'a, T = B<u8, u8>> where T: C<D> { pub a: E<F, G>, pub(super) b: [u8; 2], /* pub c */\n"
            "#[d] pub(crate) e: fn(u8, u8) -> u8, f: (u8, u8), }"
        )
        self.assertEqual(self.counted(source), (4, 3))

    def test_fields_without_names_count(self):
        self.assertEqual(self.counted("pub struct A<T: Fn(u8)>(pub T, B<u8, u8>, pub(crate) u8);"), (3, 2))

    def test_a_struct_may_have_nothing(self):
        self.assertEqual(self.counted("struct A;"), (0, 0))
        self.assertEqual(self.counted("struct A {}"), (0, 0))


class TestCode(unittest.TestCase):
    def test_cfg_test_is_test_code_unless_negated(self):
        def says(attribute: str) -> bool:
            from lexer import Tokens

            return says_test(Tokens(attribute).text)

        self.assertTrue(says("cfg(test)"))
        self.assertTrue(says('cfg(all(test, target_os = "linux"))'))
        self.assertTrue(says('cfg(any(test, feature = "scenes"))'))
        self.assertTrue(says("test"))
        self.assertFalse(says("cfg(not(test))"))
        self.assertFalse(says('cfg(all(not(test), feature = "test"))'))
        self.assertFalse(says("derive(Debug)"))

    def test_what_test_code_names_is_no_import(self):
        source = (
            "use crate::a;\n#[cfg(test)]\nuse crate::b;\n"
            "#[cfg(test)]\nmod tests { use crate::c; fn d() { crate::e::f(); } }\n"
            "impl A { #[cfg(test)] fn g() { crate::h::i() } fn j() { crate::k::l() } }"
        )
        root = read(source).root
        self.assertEqual([use.path for use in root.uses], [("crate", "a")])
        self.assertEqual([path for path, _ in root.paths], [("crate", "k", "l")])
        self.assertEqual(root.children, [])


class Paths(unittest.TestCase):
    def test_trees_of_use_have_leaves(self):
        def split(text: str) -> list[str]:
            from lexer import Tokens

            return Tokens(text).text

        found = list(leaves(split("a::{self, b as c, d::{e, f::*}, super::g}"), ()))
        expected = [
            (("a",), "a"),
            (("a", "b"), "c"),
            (("a", "d", "e"), "e"),
            (("a", "d", "f"), "*"),
            (("a", "super", "g"), "g"),
        ]
        self.assertEqual(found, expected)

    def test_paths_of_code_and_of_inner_use_are_found(self):
        root = read("fn a(b: super::c::D) { use crate::e::F; Vec::<u8>::new(); g.h::<I>(); x::y!() }").root
        self.assertEqual([path for path, _ in root.paths], [("super", "c", "D"), ("x", "y")])
        self.assertEqual([(use.path, use.is_reexport) for use in root.uses], [(("crate", "e", "F"), False)])

    def test_visibility_names_no_import(self):
        root = read("impl A { pub(in crate::room) fn b() { crate::c::d() } }\npub(super) struct E(pub (F, g::H));").root
        self.assertEqual([path for path, _ in root.paths], [("crate", "c", "d"), ("g", "H")])

    def test_modules_say_where_they_are(self):
        root = read('mod a;\n#[path = "../b.rs"]\nmod c;\n#[cfg(test)]\nmod d;\nmod e { pub struct F; }').root
        self.assertEqual(root.declared, [("a", None, False), ("c", "../b.rs", False), ("d", None, True)])
        self.assertEqual(root.children[0].defined, {"F"})


if __name__ == "__main__":
    unittest.main()

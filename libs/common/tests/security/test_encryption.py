"""Fields under a key: a ciphertext opens in its own place only, keys change, and equal values are found without being shown."""

from uuid import uuid4

import pytest

from common.security.encryption import BlindIndex, CannotDecrypt, FieldCipher

OLD, NEW = ("2017", b"o" * 32), ("2018", b"n" * 32)
ROW = uuid4()


def cipher(*keys: tuple[str, bytes]) -> FieldCipher:
    return FieldCipher(dict(keys))


def test_what_was_sealed_is_read_again_and_looks_different_each_time() -> None:
    one, other = (cipher(OLD).encrypt("某人", field="person.name", row=ROW) for _ in range(2))

    assert one != other
    assert "某人".encode() not in one
    assert {cipher(OLD).decrypt(each, field="person.name", row=ROW) for each in (one, other)} == {"某人"}


@pytest.mark.parametrize(("field", "row"), [("person.phone", ROW), ("person.name", uuid4()), ("", ROW), ("person.name:", ROW)])
def test_in_another_field_or_row_it_does_not_open(field: str, row: object) -> None:
    sealed = cipher(OLD).encrypt("某人", field="person.name", row=ROW)

    with pytest.raises(CannotDecrypt):
        cipher(OLD).decrypt(sealed, field=field, row=row)  # type: ignore[arg-type]


def test_changed_in_any_byte_or_cut_it_does_not_open() -> None:
    sealed = cipher(OLD).encrypt("某人", field="person.name", row=ROW)
    changed = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]
    cut = [sealed[:end] for end in range(len(sealed))]

    for each in (*changed, *cut, sealed + b"\0"):
        with pytest.raises(CannotDecrypt):
            cipher(OLD).decrypt(each, field="person.name", row=ROW)


def test_after_a_rotation_the_newest_key_seals_and_older_ones_still_open() -> None:
    before = cipher(OLD).encrypt("某人", field="person.name", row=ROW)
    rotated = cipher(NEW, OLD)
    after = rotated.encrypt("某人", field="person.name", row=ROW)

    assert {rotated.decrypt(each, field="person.name", row=ROW) for each in (before, after)} == {"某人"}
    assert [rotated.is_current(each) for each in (before, after)] == [False, True]
    assert cipher(NEW).decrypt(after, field="person.name", row=ROW) == "某人"
    with pytest.raises(CannotDecrypt, match="not among the settings' keys"):
        cipher(NEW).decrypt(before, field="person.name", row=ROW)


def test_the_error_names_the_field_and_not_the_value() -> None:
    sealed = cipher(OLD).encrypt("某人", field="person.name", row=ROW)
    with pytest.raises(CannotDecrypt) as error:
        cipher(OLD).decrypt(sealed, field="person.phone", row=ROW)
    assert "person.phone" in str(error.value)
    assert str(ROW) not in str(error.value)


def test_the_index_finds_equal_values_of_one_field_under_one_key() -> None:
    index = BlindIndex(b"i" * 32)

    assert index.of("320599199001011233", field="person.id_number") == index.of("320599199001011233", field="person.id_number")
    others = [
        index.of("320599199001011234", field="person.id_number"),
        index.of("320599199001011233", field="person.phone"),
        BlindIndex(b"j" * 32).of("320599199001011233", field="person.id_number"),
    ]
    assert len({index.of("320599199001011233", field="person.id_number"), *others}) == 4


def test_keys_that_are_missing_or_too_short_say_which_setting() -> None:
    with pytest.raises(ValueError, match="CRAFTPORT_ENCRYPTION_KEYS"):
        FieldCipher.parse("")
    with pytest.raises(ValueError, match="CRAFTPORT_INDEX_KEY"):
        BlindIndex.parse("c2hvcnQ=")

"""The settings table, and that the README shows it as it is."""

from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import SETTINGS, load_settings
from tests.readme import THEMES, settings_table, variables_table

README = Path(__file__).parent.parent / "README.md"


def test_defaults_need_no_environment() -> None:
    assert load_settings({}).port == 8000


def test_the_command_line_stands_above_the_environment() -> None:
    assert load_settings({"OMOTENASHI_PORT": "9000"}, port=9100).port == 9100


def test_secrets_are_never_shown() -> None:
    settings = load_settings({"OMOTENASHI_CHAT_KEY": "sk-very-secret"})
    assert "very-secret" not in str(settings.shown())


def test_a_secret_is_not_repeated_in_an_error() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"OMOTENASHI_SECRET": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_the_readme_lists_every_setting_and_colour_as_it_is() -> None:
    readme = README.read_text(encoding="utf-8")
    assert settings_table(SETTINGS) in readme, "run: python -m tests.readme"
    assert variables_table(THEMES) in readme, "run: python -m tests.readme"


def test_a_site_owner_is_not_told_of_a_setting_that_nothing_reads() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (README.parent / "assistant").rglob("*.py"))
    unread = [row.name for row in SETTINGS if f"settings.{row.name}" not in code and f'settings["{row.name}"]' not in code]
    assert unread == []

"""The stories of an archive can be built again."""

from __future__ import annotations

import json

from click.testing import CliRunner

from archive.db import connect, write
from pipelines.cli import main

TEXT = (
    "К полудню на участках Тасарыка проголосовал каждый второй, сообщила комиссия области. Участки закроются в "
    "восемь вечера, первые итоги назовут ночью, подробности обещают к утру понедельника, когда сведут протоколы."
)


def test_stories_come_out_as_they_were_placed(tmp_path):
    """An index of another version is built again by the command that its error names."""
    lines = [
        {"url": f"https://{outlet}.example/1", "title": "Явка", "text": TEXT, "published_at": f"2026-03-15T1{n}:00:00Z"}
        for n, outlet in enumerate(("tasaryk", "aktam"))
    ]
    file, archive = tmp_path / "articles.jsonl", tmp_path / "archive.db"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    runner = CliRunner()
    assert runner.invoke(main, ["import", str(file), "--archive", str(archive), "--all-topics"]).exit_code == 0
    db = connect(archive)
    placed = list(db.query("select url, story_role from articles order by url"))
    with write(db):
        db.execute("update story_index set value = 999")
        db.execute("update articles set story_role = 'first'")
    result = runner.invoke(main, ["reindex-stories", "--archive", str(archive)])
    assert (result.exit_code, "2 articles in 1 stories" in result.output) == (0, True)
    assert list(db.query("select url, story_role from articles order by url")) == placed
    db.close()


def test_an_archive_that_is_missing_is_told_in_one_line(tmp_path):
    """Nothing is made."""
    result = CliRunner().invoke(main, ["reindex-stories", "--archive", str(tmp_path / "none.db")])
    assert result.exit_code == 2
    assert not (tmp_path / "none.db").exists()

"""Files whose content starts programs: what writes there writes tomorrow's commands, so it always needs approval.

The names are those of the programs' own documentation in 2026. Compared are the path as it is written and where it
really leads, without regard to case (macOS and Windows have none) and to what Windows ignores at the end of a name.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from lmbridge import platform
from lmbridge.mcp_host.gate.paths import Looked, plain
from lmbridge.settings import Settings

_ANYWHERE = (
    # MCP servers and settings of clients
    r"\.mcp\.json", r"mcp\.json", r"\.claude[^/]*(?:/.*)?", r"claude_desktop_config\.json", r"\.cursor(?:/.*)?", r"\.vscode(?:/.*)?",
    r"\.lmstudio/(?:mcp\.json|\.internal/.*)", r"\.codex(?:/.*)?", r"\.gemini(?:/.*)?", r"\.qwen(?:/.*)?", r"\.copilot(?:/.*)?", r"\.cline(?:/.*)?",
    r"\.continue(?:/.*)?", r"\.windsurf(?:/.*)?", r"\.(?:amp|crush|factory|goose|openhands|tabnine|zencoder|void|pearai|antigravity|warp|roo|mcp|lmbridge)(?:/.*)?", r"\.?crush\.json", r"\.aider[^/]*(?:/.*)?", r"\.codeium(?:/.*)?", r"\.zed(?:/.*)?", r"\.idea(?:/.*)?", r"\.devcontainer(?:/.*)?", r"\.fleet(?:/.*)?",
    r"opencode\.jsonc?", r"fastagent\.config\.ya?ml", r"mcp_config\.json", r"mcp-config\.json", r"cline_mcp_settings\.json",
    # git
    r"\.git", r"\.git/(?:hooks|modules)(?:/.*)?", r"\.git/config(?:\.worktree)?", r"\.git/info/attributes", r"\.git(?:attributes|modules)", r"\.gitconfig", r"\.config/git(?:/.*)?", r"\.husky(?:/.*)?",
    r"\.pre-commit-config\.ya?ml", r"lefthook\.ya?ml",
    # shells and logins
    r"\.(?:bash|zsh|ksh|tcsh|csh|fish)(?:rc|env|_profile|_login|_logout|_aliases|profile|login|logout|_history)?", r"\.(?:profile|login|logout|inputrc|xinitrc|xprofile|xsessionrc|pam_environment|envrc|env\.d)",
    r"\.config/(?:fish|autostart|systemd|environment\.d|powershell)(?:/.*)?", r".*profile\.ps1", r"/etc/(?:profile|bash\.bashrc|zsh|cron[^/]*|sudoers|systemd|init\.d|ld\.so)[^/]*(?:/.*)?",
    r"\.ssh(?:/.*)?", r"\.gnupg(?:/.*)?", r"(?:library/)?launch(?:agents|daemons)(?:/.*)?", r"/var/spool/cron(?:/.*)?", r"start menu/programs/startup(?:/.*)?",
    # editors, debuggers, interpreters and terminals, whose settings are programs
    r"[._]?(?:g?vim|nvim|lvim|ex|view|gvim)rc", r"\.(?:vim|emacs\.d|nvim|doom\.d|ipython|jupyter|gdb|lldb|subversion|hg|atom)(?:/.*)?", r"\.(?:emacs|dir-locals\.el|ycm_extra_conf\.py)", r"\.config/(?:nvim|emacs|helix|kitty|alacritty|wezterm|tmux|i3|sway|hypr|nushell|direnv|mise|pip|ripgrep)(?:/.*)?",
    r"\.(?:gdb|lldb|pythonrc|irb|pry|r|ghci|julia|octave|psql|sqlite|mysql|screen|tmux|wezterm|xonsh|hg|pdb|curl|wget|lua|nano|mail|conda|bazel|direnv|less|night|powershell)(?:init|rc|profile|\.conf|\.lua|\.py)+", r"\.(?:Rprofile|Renviron|ghci|mailcap|lesskey|lessfilter|hammerspoon(?:/.*)?|my\.cnf|pgpass)",
    r"\.?devcontainer\.json", r"(?:\.config/)?\.?mise(?:\.[\w-]+)?\.toml", r"\.tool-versions", r"\.envrc\.[\w-]+", r"\.direnvrc", r".*\.(?:sublime-project|code-workspace)", r"\.vs(?:/.*)?", r"\.nova(?:/.*)?", r"\.kiro(?:/.*)?", r"\.trae(?:/.*)?", r"\.opencode(?:/.*)?",
    r"\.githooks(?:/.*)?", r"\.overcommit\.ya?ml", r"\.hg/hgrc", r"\.gradle(?:/.*)?", r"\.mvn(?:/.*)?", r"\.m2/settings\.xml", r"\.yarn/(?:plugins|releases)(?:/.*)?", r"bunfig\.toml", r"\.bundle/config", r"\.gemrc", r"\.condarc",
    r"cron\.(?:d|hourly|daily|weekly|monthly)/.*", r"\.?crontab",
    # settings of clients of clouds, clusters, registries and mail, which may name a program to run
    r"\.(?:aws|kube|docker|azure|oci|helm|terraform\.d|chef|vagrant\.d|minikube|config/(?:gcloud|containers|gh|glab-cli|hub|rclone|msmtp|mpv|ranger|lf|yazi|lazygit|zellij|foot|ghostty|micro|waybar|awesome|openbox|bspwm|sxhkd|lxsession|plasma-workspace))(?:/.*)?",
    r"\.?terraform(?:rc|\.rc)", r"\.(?:boto|s3cfg|mutt(?:rc|/.*)|msmtprc|fetchmailrc|procmailrc|forward|mailfilter|xserverrc|fehbg|tigrc|lftprc|ackrc|agignore\.sh|gdbinit|sqliterc|dbshell|mongorc\.js|mongoshrc\.js)", r"\.local/(?:bin|share/(?:applications|systemd|dbus-1))(?:/.*)?",
    # package managers
    r"\.npmrc", r"\.yarnrc(?:\.yml)?", r"\.pnpmfile\.c?js", r"\.pypirc", r"pip\.(?:conf|ini)", r"\.cargo/config(?:\.toml)?", r"\.netrc", r"\.(?:python|node|ruby)-version\b.+", r"(?:site|user)customize\.py", r"[^/]+\.pth",
    # continuous integration
    r"\.github/(?:workflows|actions)(?:/.*)?", r"\.gitlab-ci\.ya?ml", r"\.circleci(?:/.*)?", r"azure-pipelines\.ya?ml", r"jenkinsfile", r"\.travis\.ya?ml", r"\.drone\.ya?ml", r"\.buildkite(?:/.*)?", r"bitbucket-pipelines\.ya?ml",
    r"\.woodpecker(?:\.ya?ml|/.*)", r"\.?appveyor\.ya?ml", r"\.cirrus\.(?:ya?ml|star)", r"cloudbuild\.ya?ml", r"\.semaphore(?:/.*)?", r"\.teamcity(?:/.*)?",
    r"\.(?:forgejo|gitea)/workflows(?:/.*)?", r"\.gitlab/(?:ci|\.gitlab-ci).*", r"codefresh\.ya?ml", r"bitrise\.ya?ml", r"wercker\.ya?ml", r"buildspec\.ya?ml",
)  # fmt: skip
_PROTECTED = re.compile(
    "(?:^|/)(?:" + "|".join(name.removeprefix("/") for name in _ANYWHERE) + ")$", re.IGNORECASE | re.DOTALL
)
_STEERING = re.compile(
    r"(?:^|/)(?:(?:CLAUDE|AGENTS?|GEMINI|QWEN|WARP|CRUSH|CODEX)(?:\.local|\.override)?\.md|\.(?:cursor|windsurf|cline|roo|kilocode|continue|aider|junie|trae|augment)rules(?:/.*|-[^/]*)?"
    r"|\.github/(?:copilot-instructions\.md|(?:instructions|prompts|chatmodes|agents)/.*)|\.(?:goosehints|rules)|\.(?:roo|clinerules|windsurf|kilocode|amazonq|junie|augment)/.*|SKILL\.md|[\w.-]+\.(?:prompt|instructions|chatmode|agent)\.md)$",
    re.IGNORECASE,
)
"""Files that agents read as their user's standing orders: named they are files like any other."""
_LOADED = re.compile(
    r"(?:^|/)(?:conftest\.py|pytest\.ini|tox\.ini|setup\.cfg|mypy\.ini|deno\.jsonc?|noxfile\.py|setup\.py|[\w-]+\.config\.[cm]?[jt]sx?|(?:vitest|jest|karma|wdio|protractor)\.(?:conf|setup|workspace)\.[cm]?[jt]s"
    r"|\.(?:eslint|prettier|babel|stylelint|mocha|lintstaged|commitlint|release|pylint|nyc|swc|postcss)rc(?:\.(?:[cm]?js|json|ya?ml))?|(?:gulp|grunt)file(?:\.babel)?\.[cm]?[jt]s"
    r"|(?:docker-)?compose\.override\.ya?ml|build\.rs|init\.gradle(?:\.kts)?|(?:[\w-]*_)?override\.tf|(?:Rake|Guard|Vagrant|Tilt|Danger)file|\.rspec|spec_helper\.rb|lint-staged\.config|\.lintstagedrc)$",
    re.IGNORECASE,
)
"""Files that tools load by themselves, and that are programs or name some; named they are files like any other."""
_AT_INSTALL = re.compile(
    r"\"((?:pre|post)?install|(?:pre|post)?prepare|prepublish(?:Only)?|(?:pre|post)pack|dependencies|(?:pre|post)-(?:install|update|autoload-dump)-cmd|post-(?:create-project|root-package-install)-cmd)"
    r"\"\s*:\s*\[?\s*\"([^\"\n]*)"
)
"""Scripts that package managers run by themselves (npm's life cycle, composer's events)."""
_IGNORED_AT_END = re.compile(r"(?:::?\$?\w*)?[ .]+(?=/|$)|:+:?\$data(?=/|$)", re.IGNORECASE)


def is_protected(looked: Looked, own: Sequence[str] = ()) -> bool:
    """Whether writing to a path would change what programs start.

    Args:
        looked: The path.
        own: Further files and folders: the mcp.json files in use, lmbridge's folders, scripts of `accept` commands.
    """
    return any(_matches(place) or _is_own(place, own) for place in _forms(looked))


def steers_agents(looked: Looked) -> bool:
    """Whether a file tells agents what to do whenever they work there."""
    return any(_STEERING.search(place) for place in _forms(looked))


def runs_by_itself(looked: Looked) -> bool:
    """Whether other programs load a file as code of theirs without being told to."""
    return any(_LOADED.search(place) for place in _forms(looked))


def installs(text: str) -> frozenset[str]:
    """The scripts in a package's description that run by themselves: `NAME"COMMAND` of each."""
    return frozenset('"'.join(found) for found in _AT_INSTALL.findall(text)) if '"' in text else frozenset()


def own_files(settings: Settings, configs: Iterable[Path]) -> tuple[str, ...]:
    """What lmbridge itself goes by: the mcp.json files in use, its folders, its settings file, scripts of `accept`."""
    scripts = [
        word for command in settings.accept_commands for word in shlex.split(command, posix=not platform.WINDOWS)
    ]
    found = [
        *configs,
        settings.state_dir,
        platform.config_dir(),
        *(Path(word) for word in scripts if Path(word).is_file()),
    ]
    if named := os.environ.get("LMBRIDGE_CONFIG"):
        found.append(Path(named))
    return tuple(
        dict.fromkeys(form for path in found for form in (plain(str(path.absolute())), os.path.realpath(path)))
    )


def _forms(looked: Looked) -> Iterable[str]:
    return dict.fromkeys((*looked.real, *looked.places, looked.text))


def _matches(place: str) -> bool:
    return bool(_PROTECTED.search(place) or _PROTECTED.search(_IGNORED_AT_END.sub("", place)))


def _is_own(place: str, own: Sequence[str]) -> bool:
    folded = place.casefold()
    return any(folded == each.casefold() or folded.startswith(each.casefold().rstrip("/") + "/") for each in own)

#!/usr/bin/env bash
# Runs a command with a screen that nobody sees, drawn by the processor: the same picture on every machine.
#
#   scripts/headless.sh COMMAND [ARGUMENT...]
set -euo pipefail

# A graphics card's driver may refuse the unseen screen, so only lavapipe is offered where it is known where it lies.
shopt -s nullglob
for driver in /usr/share/vulkan/icd.d/lvp_icd*.json; do
    export VK_DRIVER_FILES=$driver VK_ICD_FILENAMES=$driver
done
unset WAYLAND_DISPLAY WAYLAND_SOCKET
# Tests may draw on it and move its pointer.
export INCAMERA_UNSEEN_SCREEN=1

exec xvfb-run --auto-servernum --server-args='-screen 0 1280x720x24 -nolisten tcp' "$@"

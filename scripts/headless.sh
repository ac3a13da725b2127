#!/usr/bin/env bash
# Runs a command on a virtual screen that is drawn by the processor, so that the picture is the same on every machine.
#
#   scripts/headless.sh COMMAND [ARGUMENT...]
set -euo pipefail

# A graphics card's driver may refuse the virtual screen, so where lavapipe is found it is the only driver offered.
shopt -s nullglob
for driver in /usr/share/vulkan/icd.d/lvp_icd*.json; do
    export VK_DRIVER_FILES=$driver VK_ICD_FILENAMES=$driver
done
unset WAYLAND_DISPLAY WAYLAND_SOCKET
# Tests may draw on it and move its pointer.
export INCAMERA_UNSEEN_SCREEN=1

exec xvfb-run --auto-servernum --server-args='-screen 0 1280x720x24 -nolisten tcp' "$@"

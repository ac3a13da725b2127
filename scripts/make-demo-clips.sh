#!/usr/bin/env bash
# Makes assets/demo: what the three guests of `incamera demo` show and say.
# The results are committed, so only someone who wants other guests ever runs this. Needs ffmpeg with libx264.
#
#   scripts/make-demo-clips.sh PICTURES.mp4 SPEECH.wav
#
# Made from the first five seconds of a scene of Big Buck Bunny (1280x720, 25 fps) and from fifteen seconds of a reading
# of "Sense and Sensibility"; assets/CREDITS.md says whose they are.
set -euo pipefail

if [ $# -ne 2 ]; then
    sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
pictures=$1
speech=$2
out="$(cd "$(dirname "$0")/.." && pwd)/assets/demo"
mkdir -p "$out"

# picture NUMBER START SECONDS FILTERS: a stretch of the source, forwards and then backwards, so that the loop has no seam.
# Constrained baseline, no B-frames, one reference, closed groups of two seconds, parameter sets in front of every
# keyframe: OpenH264 decodes it, and a reader that starts anywhere has a picture within two seconds.
picture() {
    ffmpeg -v error -y -ss "$2" -t "$3" -i "$pictures" -an \
        -filter_complex "[0:v]$4,scale=640:360,setsar=1,format=yuv420p,split[forth][b];[b]reverse[back];[forth][back]concat" \
        -r 25 -c:v libx264 -preset veryslow -profile:v baseline -level 3.0 -b:v 560k -maxrate 700k -bufsize 700k \
        -x264-params keyint=50:min-keyint=50:scenecut=0:open-gop=0:ref=1:repeat-headers=1:slices=1 \
        -bsf:v filter_units=remove_types=6 -f h264 "$out/guest-$1.h264"
}

picture 1 0.0 2.6 'null'
picture 2 1.4 2.4 'crop=640:360:200:20,hflip,colorbalance=bs=0.25:bm=0.12:rm=-0.06'
picture 3 2.7 2.56 'crop=960:540:0:90,colorbalance=rs=0.15:rm=0.12:bm=-0.15,eq=gamma=0.9'

# voice NUMBER START SECONDS: a phrase, faded at both ends so that the loop does not click, then a pause.
voice() {
    local fade_out
    fade_out=$(awk "BEGIN { print $3 - 0.15 }")
    ffmpeg -v error -y -ss "$2" -t "$3" -i "$speech" \
        -af "afade=in:d=0.05,afade=out:st=$fade_out:d=0.15,apad=pad_dur=$4" \
        -ar 16000 -ac 1 -c:a pcm_s16le -map_metadata -1 -fflags +bitexact "$out/guest-$1.wav"
}

voice 1 0.0 6.95 1.5
voice 2 7.3 2.7 2.5
voice 3 10.3 5.0 4.0

ls -l "$out"

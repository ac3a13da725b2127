// A full mesh of people in one page of Chromium, with the figures that our own rooms have. Node alone runs it:
//   node mesh.mjs CHROMIUM PEOPLE WIDTHxHEIGHT FPS KBPS SECONDS CARD.y4m MELODY.wav
// The browser is driven over two pipes. Nothing leaves the machine: names do not resolve, and every address but
// loopback goes to a proxy that is not there.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [program, people, size, fps, kbps, seconds, card, melody] = process.argv.slice(2);
const [width, height] = size.split('x').map(Number);
const SETTLE = 6000;

const profile = mkdtempSync(join(tmpdir(), 'incamera-bench-'));
const browser = spawn(program, [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--remote-debugging-pipe', `--user-data-dir=${profile}`,
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-default-apps', '--disable-quic',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--proxy-server=127.0.0.1:9', '--proxy-bypass-list=127.0.0.1',
  '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--autoplay-policy=no-user-gesture-required', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${card}`, `--use-file-for-fake-audio-capture=${melody}`,
], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true });

const waiting = new Map();
let number = 0, half = '';
browser.stdio[4].on('data', data => {
  const messages = (half + data).split('\0');
  half = messages.pop();
  for (const message of messages.map(text => JSON.parse(text))) {
    const answer = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) answer?.reject(new Error(message.error.message)); else answer?.resolve(message.result);
  }
});
const call = (method, params, sessionId) => new Promise((resolve, reject) => {
  waiting.set(++number, { resolve, reject });
  browser.stdio[3].write(JSON.stringify({ id: number, method, params, sessionId }) + '\0');
});
const pass = ms => new Promise(resolve => setTimeout(resolve, ms));

// The page's part. Each pair of people has a connection of its own, as in every mesh of browsers.
async function begin(people, width, height, fps, kbps) {
  globalThis.ends = [];
  const camera = await navigator.mediaDevices.getUserMedia({
    video: { width, height, frameRate: fps },
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const streams = Array.from({ length: people }, () => camera.clone());
  const { codecs } = RTCRtpReceiver.getCapabilities('video');
  const h264 = codecs.filter(c => c.mimeType === 'video/H264' && c.sdpFmtpLine.includes('packetization-mode=1'));
  const wanted = [...h264.filter(c => /profile-level-id=42/.test(c.sdpFmtpLine)), ...codecs.filter(c => c.mimeType === 'video/rtx')];
  const show = ({ track }) => {
    const tile = document.createElement(track.kind);
    Object.assign(tile, { autoplay: true, muted: true, srcObject: new MediaStream([track]) });
    document.body.append(tile);
  };
  for (let one = 0; one < people; one++) {
    for (let other = one + 1; other < people; other++) {
      const pair = [new RTCPeerConnection(), new RTCPeerConnection()];
      for (const [nth, end] of pair.entries()) {
        end.onicecandidate = ({ candidate }) => candidate && pair[1 - nth].addIceCandidate(candidate);
        end.ontrack = show;
        const stream = streams[nth ? other : one];
        stream.getTracks().forEach(track => end.addTrack(track, stream));
      }
      const [caller, called] = pair;
      for (const transceiver of caller.getTransceivers()) {
        if (transceiver.sender.track.kind === 'video') transceiver.setCodecPreferences(wanted);
      }
      await caller.setLocalDescription();
      await called.setRemoteDescription(caller.localDescription);
      await called.setLocalDescription();
      await caller.setRemoteDescription(called.localDescription);
      for (const sender of pair.flatMap(end => end.getSenders()).filter(sender => sender.track.kind === 'video')) {
        const parameters = sender.getParameters();
        parameters.encodings[0].maxBitrate = kbps * 1000;
        parameters.degradationPreference = 'maintain-framerate-and-resolution';
        await sender.setParameters(parameters);
      }
      globalThis.ends.push(...pair);
    }
  }
}
async function figures() {
  const reports = await Promise.all(globalThis.ends.map(end => end.getStats()));
  return reports.map(report => [...report.values()].filter(row => row.type === 'inbound-rtp'));
}

// User and system time in seconds, and resident MB, of the browser and all that it started.
function usage() {
  const processes = new Map();
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // From proc_pid_stat(5): state, parent and so on.
      const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
      processes.set(+pid, { parent: field[1], ticks: field[11] + field[12], pages: field[21] });
    } catch { /* it has ended */ }
  }
  const ours = pid => pid === browser.pid || (processes.has(pid) && ours(processes.get(pid).parent));
  let ticks = 0, pages = 0;
  for (const [pid, of] of processes) if (ours(pid)) { ticks += of.ticks; pages += of.pages; }
  return { cpu: ticks / 100, rss: pages * 4096 / 1e6 };
}

function summary(version, before, after, used, took) {
  const rows = kind => after.flatMap((end, nth) => end.filter(row => row.kind === kind)
    .map(row => ({ row, was: before[nth].find(other => other.id === row.id) ?? {} })));
  const grown = ({ row, was }, key) => (row[key] ?? 0) - (was[key] ?? 0);
  const sum = (list, key) => list.reduce((total, pair) => total + grown(pair, key), 0);
  const video = rows('video'), audio = rows('audio');
  const rates = video.map(pair => grown(pair, 'framesDecoded') / took).sort((a, b) => a - b);
  const delays = video.map(pair => 1000 * grown(pair, 'totalProcessingDelay') / Math.max(1, grown(pair, 'framesDecoded')));
  return {
    version, people: +people, seconds: took, streams: rates.filter(rate => rate > 0).length, slowest_fps: rates[0] ?? 0,
    mean_fps: rates.reduce((a, b) => a + b, 0) / Math.max(1, rates.length), freezes: sum(video, 'freezeCount'),
    concealed: sum(audio, 'concealedSamples') / Math.max(1, sum(audio, 'totalSamplesReceived')),
    jitter_buffer_ms: 1000 * sum(audio, 'jitterBufferDelay') / Math.max(1, sum(audio, 'jitterBufferEmittedCount')),
    processing_ms: delays.sort((a, b) => a - b)[delays.length >> 1] ?? 0,
    cores: used.cpu / took, rss_mb: used.rss,
  };
}

const site = createServer((_, reply) => reply.setHeader('content-type', 'text/html').end('<!doctype html><body>'));
const giveUp = setTimeout(() => { console.error('Chromium does not answer'); end(1); }, 90_000 + 1000 * seconds);
function end(code) {
  clearTimeout(giveUp);
  // All of the group: the browser's helpers would outlive it otherwise.
  try { process.kill(-browser.pid, 'SIGKILL'); } catch { /* it has ended */ }
  site.close();
  setTimeout(() => { rmSync(profile, { recursive: true, force: true }); process.exit(code); }, 500);
}
browser.on('error', () => { console.error('Chromium does not start'); end(1); });
try {
  await new Promise(ready => site.listen(0, '127.0.0.1', ready));
  const { product } = await call('Browser.getVersion');
  const { targetId } = await call('Target.createTarget', { url: `http://127.0.0.1:${site.address().port}/` });
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
  const run = async expression => {
    const { result, exceptionDetails } =
      await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }, sessionId);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await pass(500);
  await run(`(${begin})(${people}, ${width}, ${height}, ${fps}, ${kbps})`);
  await pass(SETTLE);
  const [before, used, at] = [await run(`(${figures})()`), usage(), Date.now()];
  await pass(1000 * seconds);
  const [after, later, took] = [await run(`(${figures})()`), usage(), (Date.now() - at) / 1000];
  console.log(JSON.stringify(summary(product, before, after, { cpu: later.cpu - used.cpu, rss: later.rss }, took)));
  end(0);
} catch (why) {
  console.error(String(why));
  end(1);
}

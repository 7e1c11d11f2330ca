/** Hands what the microphone hears to the page, block by block. Runs on the audio thread. */
class Tap extends AudioWorkletProcessor {
  process(inputs) {
    const [channel] = inputs[0] ?? [];
    if (channel !== undefined) this.port.postMessage(channel.slice());
    return true;
  }
}

registerProcessor('tap', Tap);

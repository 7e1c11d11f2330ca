#!/bin/sh
# Makes the spoken prompts again: prompts/{ru,en}/*.wav, 8 kHz, mono, 16 bit, about -20 dBFS RMS, peaks under -3 dBFS.
# Needs espeak-ng 1.51 and sox 14.4. Run it anywhere; the files are overwritten.
set -eu
cd "$(dirname "$0")"
draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT

# say LANGUAGE VOICE PITCH WORDS-PER-MINUTE NAME TEXT
say() {
  mkdir -p "$1"
  espeak-ng -v "$2" -p "$3" -s "$4" -g 3 -w "$draft/said.wav" "$6"
  # Telephone band, silence off both ends, then a gentle compressor: speech has peaks 15 dB over its mean.
  sox "$draft/said.wav" -r 8000 -b 16 -c 1 "$draft/cut.wav" gain -6 highpass 150 lowpass 3400 rate 8000 \
    silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse \
    compand 0.005,0.15 6:-50,-40,-30,-22,-20,-17,-5,-11,0,-9 0 -30 0.005
  rms=$(sox "$draft/cut.wav" -n stat 2>&1 | awk '/^RMS +amplitude/ { print $3 }')
  gain=$(awk -v rms="$rms" 'BEGIN { print -20 - 20 * log(rms) / log(10) }')
  # A soft limiter holds the few peaks that the gain would lift over -3 dBFS.
  sox "$draft/cut.wav" -r 8000 -b 16 -c 1 "$1/$5.wav" gain "$gain" \
    compand 0.0005,0.03 -9,-9,-6,-7,0,-5.5 0 -9 0.0005 fade t 0.01 0 0.02 pad 0.05 0.1
}

ru() { say ru ru+f2 45 154 "$1" "$2"; }
en() { say en en-gb-x-rp+f2 45 160 "$1" "$2"; }

ru please-wait 'Сейчас все менеджеры заняты. Пожалуйста, оставайтесь на линии. Ваше место в очереди сохраняется.'
ru callback-offer 'Нажмите один, и мы вам перезвоним. Нажмите два, чтобы оставить сообщение. Или оставайтесь на линии.'
ru callback-confirmed 'Спасибо. Мы перезвоним вам на этот номер.'
ru voicemail 'Пожалуйста, оставьте сообщение после сигнала. Когда закончите, нажмите решётку.'
ru voicemail-saved 'Спасибо. Ваше сообщение сохранено.'
ru closed 'Здравствуйте. Сейчас мы не работаем. Пожалуйста, оставьте сообщение после сигнала.'
ru nobody 'Здравствуйте. Сейчас никого нет на месте. Пожалуйста, оставьте сообщение после сигнала.'
ru reconnecting 'Одну минуту, пожалуйста. Восстанавливаем соединение.'
ru recording-notice 'Разговор может быть записан.'
ru goodbye 'Спасибо за звонок. До свидания.'

en please-wait 'All our managers are busy at the moment. Please stay on the line. Your place in the queue is kept.'
en callback-offer 'Press one, and we will call you back. Press two, to leave a message. Or stay on the line.'
en callback-confirmed 'Thank you. We will call you back at this number.'
en voicemail 'Please leave a message after the tone. Press hash when you have finished.'
en voicemail-saved 'Thank you. Your message has been saved.'
en closed 'Hello. We are closed now. Please leave a message after the tone.'
en nobody 'Hello. Nobody is at work at the moment. Please leave a message after the tone.'
en reconnecting 'One moment, please. The connection is being restored.'
en recording-notice 'This call may be recorded.'
en goodbye 'Thank you for calling. Goodbye.'

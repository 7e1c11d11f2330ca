import type { Words } from '../words/pair.ts';

/** Greetings, music and announcements. */
export const soundsWords = {
  'sounds.text': [
    'What callers hear: greetings, music, announcements outside the hours. Queues choose from these.',
    'Что слышат звонящие: приветствия, музыка, сообщения вне часов работы. Очереди выбирают отсюда.',
  ],
  'sounds.none': [
    'No sounds yet. Record a greeting: it takes a minute.',
    'Звуков ещё нет. Запишите приветствие: это минута.',
  ],
  'sounds.record': ['Record', 'Записать'],
  'sounds.upload': ['Upload a WAV file', 'Загрузить файл WAV'],
  'sounds.name': ['Name', 'Название'],
  'sounds.length': ['Length', 'Длина'],
  'sounds.loudness': ['Loudness', 'Громкость'],
  'sounds.usedBy': ['Used by', 'Где звучит'],
  'sounds.unused': ['nowhere', 'нигде'],
  'sounds.as.greeting': ['{queue}: greeting', '{queue}: приветствие'],
  'sounds.as.music': ['{queue}: music', '{queue}: музыка'],
  'sounds.as.closed': ['{queue}: outside the hours', '{queue}: вне часов работы'],
  'sounds.loud': ['clipped: record it more quietly', 'перегружен: запишите тише'],
  'sounds.quiet': ['too quiet: callers hardly hear it', 'слишком тихо: звонящие едва услышат'],
  'sounds.silent': ['silence', 'тишина'],
  'sounds.good': ['good', 'хорошо'],
  'sounds.play': ['Play: {name}', 'Слушать: {name}'],
  'sounds.madeBy': ['{name}, {date}', '{name}, {date}'],
  'sounds.remove': ['Remove the sound', 'Удалить звук'],
  'sounds.removeText': [
    '“{name}” is removed. A sound that a queue plays stays.',
    '«{name}» будет удалён. Звук, который играет очередь, останется.',
  ],
  'sounds.new': ['New sound', 'Новый звук'],
  'sounds.isRecording': ['Recording: {time}', 'Идёт запись: {time}'],
  'sounds.level': ['Microphone level', 'Уровень микрофона'],
  'sounds.start': ['Start recording', 'Начать запись'],
  'sounds.stop': ['Stop', 'Стоп'],
  'sounds.again': ['Record again', 'Записать заново'],
  'sounds.listen': ['Listen before you save', 'Послушайте перед сохранением'],
  'sounds.tooQuiet': [
    'Almost nothing was heard: check the microphone and record again.',
    'Почти ничего не слышно: проверьте микрофон и запишите заново.',
  ],
  'sounds.noMicrophone': [
    'The microphone is not available: allow it in the address bar.',
    'Микрофон недоступен: разрешите его в адресной строке.',
  ],
  'sounds.longest': ['At most ten minutes', 'Не больше десяти минут'],
  'sounds.chooseFile': ['WAV file, 16 bit, up to 20 MB', 'Файл WAV, 16 бит, до 20 МБ'],
  'sounds.notWav': ['This is not a WAV file with 16-bit sound.', 'Это не файл WAV с 16-битным звуком.'],
  'sounds.how': [
    'A calm voice, an arm’s length from the microphone. Silence at both ends is kept.',
    'Спокойный голос, на расстоянии вытянутой руки. Тишина по краям сохраняется.',
  ],
} as const satisfies Words;

/**
 * The chat on a customer's web site: <script src="https://HOUSE/channels/ID/widget.js" async></script>. One file without
 * dependencies, in a shadow tree, so that neither the site's styles nor ours reach over. Attributes of the script:
 * data-language (ru, en), data-name, data-email, data-phone, data-signature (whom the site says its visitor is).
 */
(() => {
  const script = document.currentScript;
  if (!script || globalThis.switchroomChat) return;
  const base = script.src.replace(/\/widget\.js.*$/, '');
  const language =
    (script.dataset.language || document.documentElement.lang || 'en').slice(0, 2) === 'ru' ? 'ru' : 'en';
  const words = {
    ru: {
      open: 'Написать нам',
      call: 'Позвонить',
      notCalled: 'Не получилось, попробуйте ещё раз',
      close: 'Закрыть',
      send: 'Отправить',
      write: 'Ваше сообщение',
      you: 'Вы',
      failed: 'Не отправлено. Повторить',
      title: 'Чат',
      log: 'Переписка',
    },
    en: {
      open: 'Write to us',
      call: 'Call',
      notCalled: 'That did not work, please try again',
      close: 'Close',
      send: 'Send',
      write: 'Your message',
      you: 'You',
      failed: 'Not sent. Try again',
      title: 'Chat',
      log: 'Messages',
    },
  }[language];
  const tokenAs = `switchroom-chat:${base}`;
  /** The last line that he had before his eyes. */
  const seenAs = `${tokenAs}:seen`;
  const state = { token: '', lines: new Map(), after: 0, seen: 0, isOpen: false, isListening: false, isGone: false };

  const keep = (name, value) => {
    try {
      localStorage.setItem(name, value);
    } catch {
      // a browser that keeps nothing: the conversation lasts as long as the page
    }
  };
  const kept = (name) => {
    try {
      return localStorage.getItem(name) || '';
    } catch {
      return '';
    }
  };

  /** UUID version 4 (RFC 9562); crypto.randomUUID is not there on pages without TLS. */
  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  async function post(name, body) {
    const { name: visitor, email, phone, signature } = script.dataset;
    const answer = await fetch(`${base}/${name}`, {
      method: 'POST',
      // text/plain is a simple request: no permission is asked first
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ token: state.token, name: visitor, email, phone, signature, ...body }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  // a sheet of its own: sites whose policy forbids styles in the page allow this one
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
      :host { all: initial; position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; font: 15px/1.4 system-ui, sans-serif; color: #1c2430; }
      button { font: inherit; cursor: pointer; border: 0; border-radius: 22px; padding: 11px 18px; color: #fff; background: var(--color, #2456c4); }
      button:focus-visible, textarea:focus-visible { outline: 3px solid #ffb020; outline-offset: 2px; }
      section { display: none; flex-direction: column; width: min(340px, calc(100vw - 40px)); height: min(460px, calc(100vh - 40px)); background: #fff; border-radius: 12px; box-shadow: 0 8px 32px rgb(0 0 0 / 25%); overflow: hidden; }
      section[data-open] { display: flex; }
      header { display: flex; justify-content: space-between; align-items: center; padding: 6px 6px 6px 14px; color: #fff; background: var(--color, #2456c4); font-weight: 600; }
      header span { flex: 1; }
      header button { padding: 4px 12px; }
      [hidden] { display: none; }
      [role="log"] { flex: 1; overflow-y: auto; padding: 12px; display: flex; flex-direction: column; gap: 8px; }
      p { margin: 0; max-width: 85%; padding: 8px 12px; border-radius: 12px; background: #eef1f5; white-space: pre-wrap; overflow-wrap: anywhere; align-self: flex-start; }
      p[data-by="visitor"] { align-self: flex-end; background: var(--color, #2456c4); color: #fff; }
      p[data-failed] { background: #b3261e; cursor: pointer; }
      p small { display: block; font-weight: 600; opacity: .8; }
      form { display: flex; gap: 8px; padding: 10px; border-top: 1px solid #d9dee6; }
      textarea { flex: 1; font: inherit; resize: none; height: 44px; border: 1px solid #8a94a3; border-radius: 8px; padding: 8px; color: inherit; background: #fff; box-sizing: border-box; }
  `);
  root.adoptedStyleSheets = [sheet];
  root.innerHTML = `
    <button type="button" data-part="open"></button>
    <section role="dialog">
      <header><span></span><button type="button" data-part="call" hidden></button><button type="button" data-part="close">×</button></header>
      <div role="log" aria-live="polite" tabindex="0"></div>
      <form><textarea maxlength="4000"></textarea><button type="submit"></button></form>
    </section>`;
  const find = (selector) => root.querySelector(selector);
  const [opener, panel, log, form, field] = ['[data-part="open"]', 'section', '[role="log"]', 'form', 'textarea'].map(
    find,
  );
  opener.textContent = words.open;
  const caller = find('[data-part="call"]');
  caller.textContent = words.call;
  find('[data-part="close"]').setAttribute('aria-label', words.close);
  find('[type="submit"]').textContent = words.send;
  field.setAttribute('aria-label', words.write);
  field.placeholder = words.write;
  log.setAttribute('aria-label', words.log);

  function paragraph(text, by, name) {
    const shown = document.createElement('p');
    shown.dataset.by = by;
    if (name) {
      const who = document.createElement('small');
      who.textContent = name;
      shown.append(who);
    }
    shown.append(text);
    return shown;
  }

  function show(line) {
    state.after = Math.max(state.after, line.seq);
    if (state.lines.has(line.id)) return;
    const shown = paragraph(line.text, line.by, line.by === 'house' ? line.name : '');
    state.lines.set(line.id, shown);
    log.append(shown);
    log.scrollTop = log.scrollHeight;
    // news open the window, once: not on each page that he turns to
    if (state.isOpen) noteSeen();
    else if (line.by === 'house' && line.seq > state.seen) open();
  }

  function noteSeen() {
    if (state.after <= state.seen) return;
    state.seen = state.after;
    keep(seenAs, String(state.seen));
  }

  async function listen() {
    if (state.isListening) return;
    state.isListening = true;
    let pauseMs = 1000;
    while (!state.isGone) {
      try {
        for (const line of (await post('listen', { after: state.after })).lines) show(line);
        pauseMs = 1000;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        pauseMs = Math.min(pauseMs * 2, 60_000);
      }
    }
  }

  let greeting = null;
  /** Once, however many ask for it at once: two greetings would make two visitors of one, and only one of them would listen. */
  function hello() {
    greeting ??= greet().catch((error) => {
      greeting = null;
      throw error;
    });
    return greeting;
  }

  async function greet() {
    const token = kept(tokenAs);
    const answer = await post('hello', { token });
    state.token = answer.token;
    keep(tokenAs, answer.token);
    state.seen = answer.token === token ? Number(kept(seenAs)) || 0 : 0;
    host.style.setProperty('--color', answer.color);
    const title = answer.title || words.title;
    find('header span').textContent = title;
    panel.setAttribute('aria-label', title);
    caller.hidden = answer.call !== true;
    if (answer.greeting) log.append(paragraph(answer.greeting, 'house', ''));
    for (const line of answer.lines) show(line);
    void listen();
  }

  const place = () => ({ page: location.href, pageTitle: document.title, referrer: document.referrer });

  /** The telephone is a window of the house: the site needs no permission for microphones. */
  async function call() {
    // opened within the press, or browsers keep it away
    const phone = window.open('', 'switchroom-call', 'popup,width=380,height=640');
    if (!phone) return;
    try {
      const { account, line, ticket } = await post('call', place());
      const query = new URLSearchParams({ account, line, language });
      // behind the #: no server writes it down
      phone.location.replace(`${base.replace(/\/channels\/[^/]*$/, '')}/call-us?${query}#${ticket}`);
    } catch {
      phone.close();
      log.append(paragraph(words.notCalled, 'house', ''));
      log.scrollTop = log.scrollHeight;
    }
  }

  async function send(line) {
    try {
      await hello();
      await post('say', {
        id: line.id,
        text: line.text,
        ...place(),
      });
      delete line.shown.dataset.failed;
      line.shown.title = '';
      line.shown.onclick = null;
    } catch {
      line.shown.dataset.failed = '';
      line.shown.title = words.failed;
      line.shown.onclick = () => void send(line);
    }
  }

  function open() {
    state.isOpen = true;
    panel.dataset.open = '';
    opener.hidden = true;
    noteSeen();
    hello().catch(() => undefined);
  }

  /** Because he wants to write; whom an answer interrupts goes on typing where he is. */
  function openToWrite() {
    open();
    field.focus();
  }

  opener.addEventListener('click', openToWrite);
  caller.addEventListener('click', () => void call());
  find('[data-part="close"]').addEventListener('click', () => {
    state.isOpen = false;
    delete panel.dataset.open;
    opener.hidden = false;
    opener.focus();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text === '') return;
    field.value = '';
    const id = newId();
    const shown = paragraph(text, 'visitor', '');
    state.lines.set(id, shown);
    log.append(shown);
    log.scrollTop = log.scrollHeight;
    void send({ id, text, shown });
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  // in the head of a page the script may run before there is a body
  if (document.body) document.body.append(host);
  else document.addEventListener('DOMContentLoaded', () => document.body.append(host));
  globalThis.switchroomChat = {
    open: openToWrite,
    remove() {
      state.isGone = true;
      host.remove();
      delete globalThis.switchroomChat;
    },
  };
  // somebody who wrote before hears the answer without opening anything
  if (kept(tokenAs)) hello().catch(() => undefined);
})();

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AdminPage, openAdminPage } from '../support/admin-page.ts';
import { launchBrowser } from '../support/browser.ts';
import { seriousFaults, signInOn } from '../support/talking-browser.ts';

let desk: AdminPage;
let server: AdminPage['server'];
let page: AdminPage['page'];
let admin: AdminPage['admin'];
let errors: AdminPage['errors'];
let at: AdminPage['at'];
let byId: AdminPage['byId'];
let open: AdminPage['open'];
let save: AdminPage['save'];

const sections = [
  '',
  '/people',
  '/people/1',
  '/people/team-1',
  '/shifts',
  '/shifts/user-1',
  '/shifts/coverage',
  '/shifts/holiday-new',
  '/lines',
  '/lines/1',
  '/lines/trunk-1',
  '/queues',
  '/queues/1',
  '/sounds',
  '/sounds/record',
  '/outcomes',
  '/outcomes/1',
  '/import',
  '/history',
  '/audit',
  '/company',
];
async function signInAs(login: string, target: Page): Promise<void> {
  await target.goto(at(''));
  await signInOn(target, { login, password: 'switchroom' });
}

const queueNow = async () => {
  const [queue] = (await admin.call('GET /api/v1/setup/queues')).items;
  if (queue === undefined) throw new Error('the demo company has no queue');
  return queue;
};

beforeAll(async () => {
  desk = await openAdminPage();
  ({ server, page, admin, errors, at, byId, open, save } = desk);
});
afterAll(() => desk?.close());
beforeEach(() => {
  errors.length = 0;
});

describe('people', () => {
  it('are added with a password that is shown once and opens the door', async () => {
    await open('/people/new');
    await byId('user-name').fill('Глеб Новиков');
    await byId('user-login').fill('anna');
    await byId('save').click();
    // the login belongs to somebody: said at the field, and nothing is lost
    await expect.poll(() => page.getByText(/(Занято|Taken): /).count()).toBe(1);
    await byId('user-login').fill('gleb');
    await byId('save').click();
    const secret = byId('shown-once');
    await secret.waitFor();
    const [login, password] = await secret.locator('code').allInnerTexts();
    expect(login).toBe('gleb');
    const answer = await fetch(`${server.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login, password }),
    });
    expect(answer.status).toBe(200);
    await byId('handed-over').click();
    await secret.waitFor({ state: 'detached' });
  });

  it('are disabled only after a question, and that is taken back by one press', async () => {
    const { items } = await admin.call('GET /api/v1/setup/users');
    const gleb = items.find(({ login }) => login === 'gleb');
    await open(`/people/${gleb?.id}`);
    await byId('disable').click();
    await byId('disable-confirm').click();
    await byId('enable').waitFor();
    await byId('undo').click();
    await byId('disable').waitFor();
    expect((await admin.call('GET /api/v1/setup/users')).items.find(({ login }) => login === 'gleb')?.disabledAt).toBe(
      null,
    );
  });

  it('see other clients and may export when their form says so, and one press takes it back', async () => {
    const anna = async () => (await admin.call('GET /api/v1/setup/users')).items.find(({ login }) => login === 'anna');
    const before = await anna();
    expect(before).toMatchObject({ sees: 'team', mayExport: false });
    await open(`/people/${before?.id}`);
    await byId('user-sees').selectOption('own');
    await byId('user-may-export').check();
    await save();
    expect(await anna()).toMatchObject({ sees: 'own', mayExport: true });
    await byId('undo').click();
    await expect.poll(anna).toMatchObject({ sees: 'team', mayExport: false });
    await open('/history');
    const first = page.locator('[data-testid^="version-"]').first();
    await expect.poll(() => first.innerText()).toMatch(/(своих клиентов|his own clients)/);
  });

  it('of a new role get what is usual for it', async () => {
    await open('/people/new');
    await byId('user-role').selectOption('admin');
    expect([await byId('user-sees').inputValue(), await byId('user-may-export').isChecked()]).toEqual(['all', true]);
    await byId('discard').click();
  });

  it('are found by any part of a name', async () => {
    await open('/people');
    await byId('search-people').fill('глеб');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
  });
});

describe('edits', () => {
  it('wait while something else is looked at, and are not lost', async () => {
    const { id } = await queueNow();
    await open(`/queues/${id}`);
    await byId('ring-seconds').fill('25');
    await byId('nav-people').click();
    await byId('unsaved').getByRole('link').click();
    await expect.poll(() => byId('ring-seconds').inputValue()).toBe('25');
    await byId('discard').click();
    await byId('unsaved').waitFor({ state: 'detached' });
    await expect.poll(() => byId('ring-seconds').inputValue()).toBe('15');
  });

  it('of a field that a colleague changed meanwhile show both values as soon as he has', async () => {
    const { id, version } = await queueNow();
    await open(`/queues/${id}`);
    await byId('ring-seconds').fill('25');
    await admin.call('PATCH /api/v1/setup/queues/:id', { params: { id }, body: { version, ringSeconds: 40 } });
    await byId('keep-mine-ringSeconds').waitFor();
    expect(await byId('conflicts').innerText()).toMatch(/25[\s\S]*40/);
    expect((await queueNow()).ringSeconds).toBe(40);
    await byId('keep-mine-ringSeconds').click();
    await save();
    expect((await queueNow()).ringSeconds).toBe(25);
  });

  it('of other fields than a colleague changed are saved beside his', async () => {
    const { id, version } = await queueNow();
    await open(`/queues/${id}`);
    await byId('ring-seconds').fill('35');
    await admin.call('PATCH /api/v1/setup/queues/:id', { params: { id }, body: { version, responsibleSeconds: 20 } });
    await save();
    expect(await queueNow()).toMatchObject({ ringSeconds: 35, responsibleSeconds: 20 });
  });

  it('are written in the history with old and new values, and taken back from there', async () => {
    await open('/history');
    const first = page.locator('[data-testid^="version-"]').first();
    await expect.poll(() => first.innerText()).toMatch(/25 (секунд|seconds)[\s\S]*35 (секунд|seconds)/);
    await first.locator('[data-testid^="roll-back-"]').click();
    await page.locator('[data-testid^="roll-back-"][data-testid$="-confirm"]').click();
    await expect.poll(async () => (await queueNow()).ringSeconds).toBe(25);
  });
});

describe('the order of a queue', () => {
  it('is changed by the keyboard alone, and each move is said', async () => {
    const { id, memberIds } = await queueNow();
    const [first, second, third] = memberIds;
    await open(`/queues/${id}`);
    await byId(`sortable-${first}`).getByRole('button').nth(1).focus();
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(() => page.getByText(/(место|place) 2/).count()).toBe(1);
    await save();
    expect((await queueNow()).memberIds).toEqual([second, first, third]);
  });
});

describe('shifts', () => {
  it('over midnight are written as people write them', async () => {
    const { items } = await admin.call('GET /api/v1/setup/schedules');
    const [schedule] = items;
    await open(`/shifts/user-${schedule?.user.id}`);
    await byId('weekly-1').fill('22-6');
    await byId('weekly-1').blur();
    expect(await byId('weekly-1').inputValue()).toBe('22:00–06:00');
    await save();
    const after = (await admin.call('GET /api/v1/setup/schedules')).items.find(
      ({ user }) => user.id === schedule?.user.id,
    );
    expect(after?.weekly[1]).toEqual([{ from: '22:00', to: '06:00' }]);
  });

  it('that are not understood are not saved', async () => {
    await byId('weekly-2').fill('утром');
    await byId('weekly-2').blur();
    await page
      .getByRole('alert')
      .filter({ hasText: /9:30-13/ })
      .waitFor();
    await byId('weekly-2').fill('9-18');
    await byId('weekly-2').blur();
    await save();
  });

  it('with a vacation of everybody leave a hole that the picture marks', async () => {
    const { memberIds, id } = await queueNow();
    const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    for (const userId of memberIds) {
      await open(`/shifts/user-${userId}@${day}`);
      await byId('exception-add').click();
      await save();
    }
    await open('/shifts/coverage');
    const picture = byId(`coverage-${id}`);
    await picture.getByRole('listitem').first().waitFor();
    await expect.poll(() => picture.innerText()).toMatch(/1 (дыра|hole)/);
    await byId('nav-start').click();
    await expect.poll(() => byId('step-coverage').getAttribute('data-state')).toBe('warning');
  });
});

describe('sounds', () => {
  it('are recorded from the microphone, heard, saved and chosen as a greeting', async () => {
    await open('/sounds/record');
    await byId('start-recording').click();
    await byId('stop-recording').waitFor();
    await expect
      .poll(() => page.locator('meter').evaluate((meter) => (meter as unknown as { value: number }).value))
      .toBeGreaterThan(0.05);
    await expect.poll(() => page.getByRole('timer').innerText()).toMatch(/00:02/);
    await byId('stop-recording').click();
    await byId('draft-audio').waitFor();
    await byId('sound-name').fill('Приветствие');
    await byId('save').click();
    await byId('undo').waitFor();
    const [sound] = (await admin.call('GET /api/v1/setup/sounds')).items;
    expect(sound).toMatchObject({ name: 'Приветствие' });
    expect(sound?.durationMs).toBeGreaterThan(1500);
    expect(sound?.peakDb).toBeGreaterThan(-30);

    const { id } = await queueNow();
    await open(`/queues/${id}`);
    await byId('greeting').selectOption(String(sound?.id));
    await save();
    expect((await queueNow()).greetingSoundId).toBe(sound?.id);
  });

  it('that a queue plays are not removed, and it is said why', async () => {
    const [sound] = (await admin.call('GET /api/v1/setup/sounds')).items;
    await open(`/sounds/${sound?.id}`);
    await byId('remove').click();
    await byId('remove-confirm').click();
    await page.getByRole('dialog').getByText('Sales / Продажи').waitFor();
    expect((await admin.call('GET /api/v1/setup/sounds')).items).toHaveLength(1);
  });
});

describe('outcomes', () => {
  it('are added with the next free key', async () => {
    await open('/outcomes/new');
    await byId('name-ru').fill('Передан партнёру');
    await byId('name-en').fill('Passed to a partner');
    await byId('save').click();
    await byId('undo').waitFor();
    const { items } = await admin.call('GET /api/v1/setup/dispositions');
    expect(items.find(({ nameEn }) => nameEn === 'Passed to a partner')?.hotkey).toBe(8);
  });
});

describe('lines', () => {
  it('with a number that is none say so at the field', async () => {
    await open('/lines/new');
    await byId('line-number').fill('12');
    await byId('line-name').fill('Поддержка');
    await byId('save').click();
    await expect.poll(() => byId('line-number').getAttribute('aria-invalid')).toBe('true');
    await byId('line-number').fill('8 495 000-00-02');
    await byId('save').click();
    await byId('undo').waitFor();
    const { items } = await admin.call('GET /api/v1/setup/lines');
    expect(items.map(({ number }) => number)).toContain('+74950000002');
  });
});

describe('clients from a file', () => {
  const csv = [
    'ФИО;Телефон;Примечание;Ответственный',
    'Иван Загрузкин;8 916 777-00-01;любит утро;Анна Белова',
    'Пётр Загрузкин;8 916 777-00-02;;Никто',
    'Без Номера;12;;',
  ].join('\r\n');

  it('are looked at, imported by a plan, and taken back', async () => {
    await open('/import');
    await byId('import-file').setInputFiles({ name: 'клиенты.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    const state = byId('import-state');
    const isIn = (wanted: string) => expect.poll(() => state.getAttribute('data-state')).toBe(wanted);
    await isIn('uploaded');
    await expect.poll(() => byId('map-1').inputValue()).toBe('phone');
    await byId('map-2').selectOption('comment');
    await byId('plan').click();
    await isIn('planned');
    await expect.poll(() => byId('count-created').innerText()).toBe('2');
    await expect.poll(() => byId('count-invalid').innerText()).toBe('1');
    expect((await admin.call('GET /api/v1/clients', { querystring: { q: 'Загрузкин' } })).items).toEqual([]);

    await byId('start').click();
    await byId('start-confirm').click();
    await isIn('done');
    expect((await admin.call('GET /api/v1/clients', { querystring: { q: 'Загрузкин' } })).items).toHaveLength(2);
    await page.getByText(/Никто/).waitFor();

    await byId('undo-import').click();
    await byId('undo-import-confirm').click();
    await isIn('undone');
    expect((await admin.call('GET /api/v1/clients', { querystring: { q: 'Загрузкин' } })).items).toEqual([]);
  });
});

describe('clients to a file', () => {
  it('are what the search finds, and the export is in the access log', async () => {
    const [client] = (await admin.call('GET /api/v1/clients', { querystring: { limit: 1 } })).items;
    const name = client?.name ?? '';
    await open('/import');
    await byId('export-query').fill(name);
    const waiting = page.waitForEvent('download');
    await byId('export').click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('clients.csv');
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const [head = '', first = ''] = Buffer.concat(chunks).toString().split('\r\n');
    expect(head).toContain('ФИО');
    expect(first).toContain(name);
    const { items } = await admin.call('GET /api/v1/audit', { querystring: { action: 'clients.exported' } });
    expect(items[0]).toMatchObject({ allowed: true, data: { query: name } });
  });

  it('are not for whoever has no right to it, and it is said who gives it', async () => {
    const other = await launchBrowser({ microphone: 440 });
    try {
      await signInAs('olga', other.page);
      await other.page.goto(at('/import'));
      await expect.poll(() => other.page.getByTestId('export').isDisabled()).toBe(true);
      await other.page.getByText(/нет права выгружать|no right to export/).waitFor();
    } finally {
      await other.close();
    }
  });
});

describe('the access log', () => {
  it('tells who opened a card, is cut to a person, an action and a client, and leads to the card', async () => {
    const anna = await server.signIn('anna');
    const [client] = (await anna.call('GET /api/v1/clients', { querystring: { limit: 1 } })).items;
    const id = client?.id ?? 0;
    await anna.call('GET /api/v1/clients/:id', { params: { id } });
    await expect
      .poll(async () => (await admin.call('GET /api/v1/audit', { querystring: { clientId: id } })).items.length)
      .toBeGreaterThan(0);
    await open('/audit');
    await byId('audit-action').selectOption('client.viewed');
    await byId('audit-user').selectOption(String(anna.me.id));
    const rows = byId('audit-lines').locator('tbody tr');
    await expect.poll(() => rows.allInnerTexts()).toHaveLength(1);
    expect(await rows.innerText()).toContain(client?.name);
    await byId('audit-client').fill('щщщщ');
    await byId('audit-client').fill('');
    await rows.getByRole('button').focus();
    await page.keyboard.press('Enter');
    await byId('audit-any-client').waitFor();
    await byId('audit-refused').selectOption('refused');
    await page.getByText(/Ничего не найдено|Nothing found/).waitFor();
    await byId('audit-refused').selectOption('all');
    await rows.getByRole('link').click();
    await expect.poll(() => new URL(page.url()).pathname).toBe(`/clients/${id}`);
  });
});

describe('every section', () => {
  it.each(sections)(
    '/admin%s fits on the screen, and axe finds nothing serious in it, light and dark',
    async (section) => {
      await open(section);
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.waitForLoadState('networkidle');
        expect(await seriousFaults(page)).toEqual([]);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1280);
      expect(errors).toEqual([]);
    },
  );
});

describe('others than administrators', () => {
  it('supervisors look at everything and change what is theirs; agents are turned away', async () => {
    const other = await launchBrowser({ microphone: 440 });
    try {
      await signInAs('olga', other.page);
      await other.page.goto(at('/company'));
      await expect.poll(() => other.page.getByTestId('company-name').isDisabled()).toBe(true);
      expect(await other.page.getByTestId('save').count()).toBe(0);
      await other.page.context().clearCookies();
      await signInAs('anna', other.page);
      await other.page.goto(at('/people'));
      await other.page.getByText(/для администраторов|for administrators/).waitFor();
    } finally {
      await other.close();
    }
  });
});

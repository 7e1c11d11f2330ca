import type { ForeignCountry } from './people.ts';
import type { Random } from './random.ts';

/**
 * Shapes of numbers, `#` a free digit. All pass the plan of their country, and none rings at anybody we know of: blocks
 * kept for films (GB, US, DE, FR) where there are any, otherwise subscriber numbers that begin with zeros or 555.
 */
const foreignShapes: Readonly<Record<ForeignCountry, { mobile: string; city: string }>> = {
  KZ: { mobile: '+7701000####', city: '+7727355####' },
  BY: { mobile: '+37529555####', city: '+37517555####' },
  UZ: { mobile: '+99890000####', city: '+99890000####' },
  AM: { mobile: '+37477555###', city: '+37410555###' },
  TR: { mobile: '+90532000####', city: '+90212000####' },
  AE: { mobile: '+97150555####', city: '+9714555####' },
  CN: { mobile: '+8613800000###', city: '+86215555####' },
  DE: { mobile: '+4917139200##', city: '+493023125###' },
  GB: { mobile: '+4420794601##', city: '+4420794600##' },
  US: { mobile: '+1310555010#', city: '+120255501##' },
  FR: { mobile: '+3319900####', city: '+3319900####' },
  PL: { mobile: '+48500000###', city: '+4822555####' },
  FI: { mobile: '+3584012345##', city: '+3589500####' },
};

const mobileCodes = [903, 905, 906, 909, 910, 915, 916, 917, 921, 922, 925, 926, 929, 961, 963, 965, 977, 985] as const;
const cityCodes = [495, 495, 499, 812, 343, 383, 843, 863, 846, 351] as const;

/** Gives out numbers in E.164, each only once. */
export interface Numbers {
  russianMobile(): string;
  russianCity(): string;
  foreign(country: ForeignCountry, kind: 'mobile' | 'city'): string;
}

export function createNumbers(random: Random): Numbers {
  const given = new Set<string>();
  const unique = (shape: () => string): string => {
    for (;;) {
      const number = shape().replaceAll('#', () => String(random.int(0, 9)));
      if (given.has(number)) continue;
      given.add(number);
      return number;
    }
  };
  return {
    russianMobile: () => unique(() => `+7${random.pick(mobileCodes)}000####`),
    // 0000001 and its neighbours are our own lines.
    russianCity: () => unique(() => `+7${random.pick(cityCodes)}000${random.int(1, 9)}###`),
    foreign: (country, kind) => unique(() => foreignShapes[country][kind]),
  };
}

/** How people in Russia write it down: 8 (916) 000-12-34. Other numbers stay as they are. */
export function writtenNumber(e164: string): string {
  const parts = /^\+7(9\d\d|[348]\d\d)(\d{3})(\d{2})(\d{2})$/.exec(e164);
  return parts ? `8 (${parts[1]}) ${parts[2]}-${parts[3]}-${parts[4]}` : e164;
}

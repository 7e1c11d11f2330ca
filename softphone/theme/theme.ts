import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const harbor: MantineColorsTuple = [
  '#e7f5f5',
  '#d3e8e9',
  '#a6d0d2',
  '#76b7ba',
  '#4fa2a7',
  '#36959a',
  '#1f7f86',
  '#0b6a72',
  '#075a61',
  '#004a50',
];

/** Neutrals with a trace of the accent, so that grey surfaces do not look dead beside it. */
const dark: MantineColorsTuple = [
  '#dfe6e8',
  '#b9c4c8',
  '#98a5aa',
  '#6c7a80',
  '#3c474c',
  '#2f383d',
  '#232b2f',
  '#1b2125',
  '#14191c',
  '#0e1214',
];

const gray: MantineColorsTuple = [
  '#f7f9f9',
  '#eff2f3',
  '#e4e9eb',
  '#d5dcdf',
  '#c3ccd0',
  '#a5b0b5',
  '#7f8b91',
  '#586469',
  '#3b464b',
  '#1c2428',
];

const systemFonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

/** Dense and calm: a tool that is looked at for eight hours. */
export const theme = createTheme({
  primaryColor: 'harbor',
  primaryShade: { light: 7, dark: 6 },
  colors: { harbor, dark, gray },
  fontFamily: systemFonts,
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace',
  headings: { fontFamily: systemFonts, fontWeight: '650' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  defaultRadius: 6,
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
});

/** Text that is only dimmed must still reach a contrast of 4.5:1 on every surface. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#1c2428',
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#556167',
    '--mantine-color-placeholder': '#667278',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-default-border': '#c3ccd0',
  },
  dark: {
    '--mantine-color-text': '#e3e9eb',
    '--mantine-color-body': '#1b2125',
    '--mantine-color-dimmed': '#a3b0b5',
    '--mantine-color-placeholder': '#8f9ca2',
    '--mantine-color-error': '#ff9a90',
    '--mantine-color-default-border': '#435056',
  },
});

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { queryClient } from './state/cards.ts';
import { useSettings } from './state/settings.ts';
import './theme/mantine.ts';
import './theme/global.css';
import { cssVariables, theme } from './theme/theme.ts';

/** Styles that are made at run time must carry the nonce of the page's content security policy. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
// read by the scroll lock of dialogs, which writes a style element of its own
Object.assign(globalThis, { __webpack_nonce__: nonce });

const showLanguage = (): void => {
  document.documentElement.lang = useSettings.getState().language;
};
showLanguage();
useSettings.subscribe(showLanguage);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <MantineProvider
    theme={theme}
    cssVariablesResolver={cssVariables}
    defaultColorScheme="auto"
    getStyleNonce={() => nonce}
  >
    <QueryClientProvider client={queryClient}>
      <App />
    </QueryClientProvider>
  </MantineProvider>,
);

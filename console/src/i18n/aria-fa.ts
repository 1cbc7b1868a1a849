/** React Aria speaks no Persian: these are its announcements for the components that the console uses. */

type Values = Record<string, string | number | boolean>;
type Words = Record<string, string | ((values: Values) => string)>;

const count = (values: Values) =>
  new Intl.NumberFormat('fa-IR').format(Number(values.count ?? values.optionCount));

const words: Record<string, Words> = {
  '@react-aria/overlays': { dismiss: 'بستن' },
  '@react-aria/spinbutton': { Empty: 'خالی' },
  '@react-aria/menu': { longPressMessage: 'برای باز شدن فهرست نگه دارید یا Alt و پیکان پایین را بزنید' },
  '@react-aria/gridlist': {
    hasActionAnnouncement: 'این ردیف کنش دارد',
    hasLinkAnnouncement: (values) => `این ردیف پیوند دارد: ${values.link}`,
  },
  '@react-aria/grid': {
    deselectedItem: (values) => `${values.item} از انتخاب درآمد.`,
    select: 'انتخاب',
    selectedCount: (values) => `${count(values)} مورد انتخاب شد.`,
    selectedAll: 'همه انتخاب شدند.',
    selectedItem: (values) => `${values.item} انتخاب شد.`,
    longPressToSelect: 'برای انتخاب نگه دارید.',
  },
  '@react-aria/dnd': {
    dragItem: (values) => `جابه‌جایی ${values.itemText}`,
    dragSelectedItems: (values) => `جابه‌جایی ${count(values)} مورد`,
    dragDescriptionKeyboard: 'برای شروع جابه‌جایی Enter را بزنید.',
    dragDescriptionKeyboardAlt: 'برای شروع جابه‌جایی Alt و Enter را بزنید.',
    dragDescriptionTouch: 'برای شروع جابه‌جایی دو بار بزنید.',
    dragDescriptionVirtual: 'برای شروع جابه‌جایی کلیک کنید.',
    dragDescriptionLongPress: 'برای شروع جابه‌جایی نگه دارید.',
    dragSelectedKeyboard: (values) => `برای جابه‌جایی ${count(values)} مورد Enter را بزنید.`,
    dragSelectedKeyboardAlt: (values) => `برای جابه‌جایی ${count(values)} مورد Alt و Enter را بزنید.`,
    dragSelectedLongPress: (values) => `برای جابه‌جایی ${count(values)} مورد نگه دارید.`,
    dragStartedKeyboard: 'جابه‌جایی شروع شد. با Tab یا پیکان‌ها جای تازه را پیدا کنید و Enter را بزنید؛ Escape لغو می‌کند.',
    dragStartedTouch: 'جابه‌جایی شروع شد. جای تازه را پیدا کنید و دو بار بزنید.',
    dragStartedVirtual: 'جابه‌جایی شروع شد. جای تازه را پیدا کنید و کلیک کنید یا Enter را بزنید.',
    endDragKeyboard: 'در حال جابه‌جایی. برای لغو Enter را بزنید.',
    endDragTouch: 'در حال جابه‌جایی. برای لغو دو بار بزنید.',
    endDragVirtual: 'در حال جابه‌جایی. برای لغو کلیک کنید.',
    dropDescriptionKeyboard: 'برای گذاشتن Enter و برای لغو Escape را بزنید.',
    dropDescriptionTouch: 'برای گذاشتن دو بار بزنید.',
    dropDescriptionVirtual: 'برای گذاشتن کلیک کنید.',
    dropCanceled: 'جابه‌جایی لغو شد.',
    dropComplete: 'جابه‌جا شد.',
    dropIndicator: 'جای تازه',
    dropOnRoot: 'گذاشتن روی',
    dropOnItem: (values) => `گذاشتن روی ${values.itemText}`,
    insertBefore: (values) => `گذاشتن پیش از ${values.itemText}`,
    insertBetween: (values) => `گذاشتن میان ${values.beforeItemText} و ${values.afterItemText}`,
    insertAfter: (values) => `گذاشتن پس از ${values.itemText}`,
  },
  '@react-aria/datepicker': {
    era: 'دوره',
    year: 'سال',
    month: 'ماه',
    day: 'روز',
    hour: 'ساعت',
    minute: 'دقیقه',
    second: 'ثانیه',
    dayPeriod: 'ق.ظ/ب.ظ',
    calendar: 'تقویم',
    startDate: 'تاریخ شروع',
    endDate: 'تاریخ پایان',
    weekday: 'روز هفته',
    timeZoneName: 'منطقهٔ زمانی',
    selectedDateDescription: (values) => `تاریخ انتخاب‌شده: ${values.date}`,
    selectedRangeDescription: (values) => `بازهٔ انتخاب‌شده: ${values.startDate} تا ${values.endDate}`,
    selectedTimeDescription: (values) => `زمان انتخاب‌شده: ${values.time}`,
  },
  '@react-stately/datepicker': {
    rangeUnderflow: (values) => `نباید پیش از ${values.minValue} باشد.`,
    rangeOverflow: (values) => `نباید پس از ${values.maxValue} باشد.`,
    rangeReversed: 'شروع باید پیش از پایان باشد.',
    unavailableDate: 'این تاریخ در دسترس نیست.',
  },
  '@react-aria/calendar': {
    previous: 'قبلی',
    next: 'بعدی',
    selectedDateDescription: (values) => `تاریخ انتخاب‌شده: ${values.date}`,
    selectedRangeDescription: (values) => `بازهٔ انتخاب‌شده: ${values.dateRange}`,
    todayDate: (values) => `امروز، ${values.date}`,
    todayDateSelected: (values) => `امروز، ${values.date}، انتخاب شده`,
    dateSelected: (values) => `${values.date}، انتخاب شده`,
    startRangeSelectionPrompt: 'برای شروع بازه کلیک کنید',
    finishRangeSelectionPrompt: 'برای پایان بازه کلیک کنید',
    minimumDate: 'نخستین تاریخ ممکن',
    maximumDate: 'آخرین تاریخ ممکن',
    dateRange: (values) => `${values.startDate} تا ${values.endDate}`,
  },
  '@react-aria/combobox': {
    focusAnnouncement: (values) => `${values.optionText}${values.isSelected ? '، انتخاب شده' : ''}`,
    countAnnouncement: (values) => `${count(values)} گزینه هست.`,
    selectedAnnouncement: (values) => `${values.optionText}، انتخاب شد`,
    buttonLabel: 'نمایش گزینه‌ها',
    listboxLabel: 'گزینه‌ها',
  },
  'react-aria-components': {
    selectPlaceholder: 'انتخاب کنید',
    tableResizer: 'تغییر اندازه',
    dropzoneLabel: 'جای گذاشتن',
    colorSwatchPicker: 'رنگ‌ها',
  },
};

/** Read by React Aria at its first use, so this must come before. */
export function usePersianForReactAria(): void {
  const globals = window as unknown as Record<symbol, unknown>;
  globals[Symbol.for('react-aria.i18n.locale')] = 'fa-IR';
  globals[Symbol.for('react-aria.i18n.strings')] = words;
}

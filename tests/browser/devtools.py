"""A headless Chromium driven over the DevTools protocol, with nothing but the standard library: a WebSocket client of the few frames it takes."""
import base64
import itertools
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.request


class Gone(Exception):
    """The browser closed the connection or did not answer in time."""


class Socket:
    """WebSocket (RFC 6455), client side: text messages."""

    def __init__(self, url, timeout):
        host, _, path = url.removeprefix('ws://').partition('/')
        name, _, port = host.partition(':')
        self.socket = socket.create_connection((name, int(port)), timeout=timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(f'GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                            f'Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n'.encode())
        self.rest = b''
        while b'\r\n\r\n' not in self.rest:
            self.rest += self.read()
        head, _, self.rest = self.rest.partition(b'\r\n\r\n')
        if b' 101 ' not in head.split(b'\r\n')[0]:
            raise Gone(head.decode('latin-1'))

    def read(self):
        chunk = self.socket.recv(1 << 20)
        if not chunk:
            raise Gone('the browser closed the connection')
        return chunk

    def take(self, count):
        parts = [self.rest]
        have = len(self.rest)
        while have < count:
            parts.append(self.read())
            have += len(parts[-1])
        whole = b''.join(parts)
        self.rest = whole[count:]
        return whole[:count]

    def send(self, text):
        payload = text.encode()
        size = len(payload)
        head = b'\x81' + (bytes([0x80 | size]) if size < 126 else struct.pack('>BH', 0xFE, size) if size < 65536 else struct.pack('>BQ', 0xFF, size))
        mask = os.urandom(4)
        whole = int.from_bytes(payload, 'big') ^ int.from_bytes((mask * (size // 4 + 1))[:size], 'big') if size else 0
        self.socket.sendall(head + mask + whole.to_bytes(size, 'big'))

    def receive(self):
        message = b''
        while True:
            first, second = self.take(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack('>H', self.take(2))[0]
            elif size == 127:
                size = struct.unpack('>Q', self.take(8))[0]
            payload = self.take(size)
            if first & 0x0F == 8:
                raise Gone('the browser closed the connection')
            if first & 0x0F in (0, 1):
                message += payload
                if first & 0x80:
                    return message.decode()

    def close(self):
        self.socket.close()


def find():
    """The browser's program, or None."""
    return next((path for name in (os.environ.get('HZ_CHROMIUM', ''), 'chromium', 'chromium-browser', 'google-chrome') if name and (path := shutil.which(name))), None)


class Page:
    """One page. Console messages, uncaught errors, requests and policy violations are gathered while it is open."""

    def __init__(self, program, width=1280, height=900, timeout=60):
        self.folder = tempfile.mkdtemp(prefix='hezhun-browser-')
        self.numbers = itertools.count(1)
        self.console, self.errors, self.requests = [], [], []
        self.process = subprocess.Popen(
            [program, '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--no-first-run', '--disable-extensions',
             '--disable-background-networking', '--disable-component-update', '--disable-sync', f'--window-size={width},{height}', f'--user-data-dir={self.folder}',
             '--remote-debugging-port=0', '--remote-allow-origins=*', 'about:blank'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.socket = Socket(self.address(timeout), timeout)
        except BaseException:
            self.close()
            raise
        for domain in ('Page', 'Runtime', 'Network', 'Log', 'Audits', 'Accessibility'):
            self.call(domain + '.enable')
        self.size(width, height)

    def address(self, timeout):
        until = time.monotonic() + timeout
        port_file = os.path.join(self.folder, 'DevToolsActivePort')
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with open(port_file, encoding='ascii') as file:
                    port = int(file.readline())
                with urllib.request.urlopen(f'http://127.0.0.1:{port}/json/list', timeout=5) as answer:
                    for target in json.load(answer):
                        if target['type'] == 'page':
                            return target['webSocketDebuggerUrl']
            except (OSError, ValueError):
                pass
            time.sleep(0.1)
        raise Gone('the browser did not start')

    def note(self, event):
        method, what = event['method'], event['params']
        if method == 'Runtime.consoleAPICalled':
            self.console.append(' '.join(str(one.get('value', one.get('description'))) for one in what['args']))
        elif method == 'Runtime.exceptionThrown':
            details = what['exceptionDetails']
            self.errors.append(details.get('exception', {}).get('description', details['text']))
        elif method == 'Log.entryAdded' and what['entry']['level'] == 'error':
            self.errors.append(what['entry']['text'])
        elif method == 'Audits.issueAdded':
            if what['issue']['code'] == 'ContentSecurityPolicyIssue':
                self.errors.append('policy: ' + json.dumps(what['issue']['details'])[:400])
        elif method == 'Network.requestWillBeSent':
            self.requests.append(what['request']['url'])

    def wait(self, wanted):
        while True:
            message = json.loads(self.socket.receive())
            if 'method' in message:
                self.note(message)
            if wanted(message):
                return message

    def call(self, method, **params):
        number = next(self.numbers)
        self.socket.send(json.dumps({'id': number, 'method': method, 'params': params}))
        answer = self.wait(lambda message: message.get('id') == number)
        if 'error' in answer:
            raise RuntimeError(f'{method}: {answer["error"]}')
        return answer['result']

    def open(self, path):
        number = next(self.numbers)
        self.socket.send(json.dumps({'id': number, 'method': 'Page.navigate', 'params': {'url': 'file://' + os.path.abspath(path)}}))
        self.wait(lambda message: message.get('method') == 'Page.loadEventFired')

    def run(self, script):
        """The value of an expression in the page; promises are awaited."""
        answer = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(answer['exceptionDetails'].get('exception', {}).get('description', str(answer)))
        return answer['result'].get('value')

    def settle(self):
        """Two frames later and after the search fields' delay."""
        self.run('new Promise(done => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 180))')

    def click(self, selector):
        self.run(f'document.querySelector({json.dumps(selector)}).click()')
        self.settle()

    def choose(self, selector, value):
        self.run(f'(e => {{ e.value = {json.dumps(value)}; e.dispatchEvent(new Event("change")); }})(document.querySelector({json.dumps(selector)}))')
        self.settle()

    def type(self, selector, text):
        self.run(f'(e => {{ e.focus(); e.select(); }})(document.querySelector({json.dumps(selector)}))')
        if text:
            self.call('Input.insertText', text=text)
        else:
            self.key('Backspace', 8)
        self.settle()

    def key(self, name, number=0):
        for kind in ('keyDown', 'keyUp'):
            self.call('Input.dispatchKeyEvent', type=kind, key=name, code=name, windowsVirtualKeyCode=number)
        self.settle()

    def size(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': name}])

    def picture(self, path, whole=False):
        shot = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=whole)
        with open(path, 'wb') as file:
            file.write(base64.b64decode(shot['data']))

    def print(self):
        """The page on A4, as the bytes of a PDF."""
        return base64.b64decode(self.call('Page.printToPDF', printBackground=True, preferCSSPageSize=True)['data'])

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if hasattr(self, 'socket'):
            self.socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)

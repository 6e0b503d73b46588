/* XML held to a schema: byte 0 chooses which of both is given, the rest is the other; parts_kit.h has what must hold.
 */
#include "tests/fuzz/parts_kit.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char schema[] =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='d'><xs:complexType><xs:sequence>"
    "<xs:element name='h' minOccurs='0' maxOccurs='unbounded'><xs:complexType><xs:sequence>"
    "<xs:element name='n' type='xs:integer'/><xs:element name='t' minOccurs='0'><xs:simpleType>"
    "<xs:restriction base='xs:string'><xs:pattern value='[A-Z]{2}'/></xs:restriction></xs:simpleType></xs:element>"
    "<xs:element name='members' minOccurs='0'><xs:complexType><xs:sequence>"
    "<xs:element name='m' maxOccurs='9'/></xs:sequence></xs:complexType></xs:element>"
    "</xs:sequence><xs:attribute name='id' use='required'/></xs:complexType></xs:element>"
    "</xs:sequence></xs:complexType>"
    "<xs:key name='k'><xs:selector xpath='h'/><xs:field xpath='@id'/></xs:key></xs:element></xs:schema>";
static const char document[] =
    "<d><h id='1'><n>1</n><t>AB</t><members><m>x</m></members></h><h id='1'><n>x</n></h></d>";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    char path[64];
    if (fd < 0)
        fd = memfd_create("xsd-fuzz", MFD_CLOEXEC);
    if (fd < 0 || size < 1 || size > 20000)
        return 0;
    hz_slice given = {(const char *)data + 1, size - 1};
    bool is_schema = data[0] & 1;
    hz_slice xsd = is_schema ? given : hz_slice_of(schema);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, xsd.ptr, xsd.len, 0) != (ssize_t)xsd.len)
        return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const hz_source_options options = {
        .bytes = is_schema ? hz_slice_of(document) : given, .shown_path = HZ_SLICE_LIT("x.xml"), .xsd = path};
    parts_run_options(&options);
    return 0;
}

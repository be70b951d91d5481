using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Mvc.TagHelpers;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>
/// The wrapper of a wide table. It scrolls sideways on a narrow screen, can be reached with the keyboard, and is named for screen readers by
/// <see cref="Label"/> or by the heading of the id <see cref="Heading"/>.
/// </summary>
[HtmlTargetElement("scroll-table")]
public sealed class ScrollTableTagHelper : TagHelper
{
    public string? Label { get; set; }

    public string? Heading { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "div";
        output.AddClass("table-scroll", HtmlEncoder.Default);
        output.Attributes.Add("role", "group");
        output.Attributes.Add(Heading is null ? "aria-label" : "aria-labelledby", Heading ?? Label);
        output.Attributes.Add("tabindex", "0");
    }
}
